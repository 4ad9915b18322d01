import "../fixtures/loaded_msquic.ts";
import assert from "node:assert/strict";
import { type Client, connect } from "../../client/mod.ts";
import { type Running, Site, type StartReport, waitFor } from "./harness.ts";

const TYPE = {
  version: 0x8000,
  block: 0x8001,
  hang: 0x8002,
  flood: 0x8003,
  fail: 0x8004,
  later: 0x8005,
};

/** Handlers in plain JavaScript, as an executable takes them. */
const MODULE = (version: number) => `
  // @ts-check
  /** @param {import("@msquicd/msquicd").HandlerToolkit} toolkit */
  export default ({ defineMessage, defineHandler, v }) => {
    const any = v.record(v.string(), v.unknown());
    const define = (type, name, sequence = false) =>
      defineMessage({ type, name, request: any, response: any, sequence });
    return [
      defineHandler(define(${TYPE.version}, "test.version"), () => ({ version: ${version} })),
      defineHandler(define(${TYPE.block}, "test.block"), ({ ms }) => {
        for (const end = Date.now() + Number(ms); Date.now() < end;);
        return {};
      }),
      defineHandler(define(${TYPE.later}, "test.later"), async ({ ms }) => {
        await new Promise((resolve) => setTimeout(resolve, 1));
        for (const end = Date.now() + Number(ms); Date.now() < end;);
        return {};
      }),
      defineHandler(define(${TYPE.hang}, "test.hang"), () => new Promise(() => {}), {
        maxRequests: 2,
      }),
      defineHandler(define(${TYPE.flood}, "test.flood", true), async function* () {
        for (let n = 0;; n++) yield { n, data: new Uint8Array(10_000) };
      }),
      defineHandler(define(${TYPE.fail}, "test.fail"), () => {
        throw new Error("as it must");
      }),
    ];
  };
`;

/** Starts a site whose workers load the module. */
async function start(
  site: Site,
  stallDeadlineMs = 5000,
): Promise<Running & { report: StartReport }> {
  await Deno.writeTextFile(site.path("mine.js"), MODULE(1));
  const config = { handlers: ["./mine.js"], requests: { deadlineMs: 300 }, stallDeadlineMs };
  await Deno.writeTextFile(site.path("msquicd.jsonc"), JSON.stringify(config));
  return await site.start("--config", site.path("msquicd.jsonc"));
}

async function connectTo(site: Site, { ports, fingerprint }: StartReport): Promise<Client> {
  const token = await site.token();
  return await connect({ server: `127.0.0.1:${ports[0]}`, token, fingerprint });
}

Deno.test("Handlers of one's own are served, and what one of them does costs its own requests only", async () => {
  await using site = await Site.create(1);
  const manager = await start(site);
  await using client = await connectTo(site, manager.report);
  const working = async () => assert.deepEqual(await client.call(TYPE.version, {}), { version: 1 });
  await working();
  await assert.rejects(client.call(TYPE.fail, {}), { code: "internal" });
  await working();
  for (let n = 0; n < 2; n++) {
    await assert.rejects(client.call(TYPE.hang, {}), { code: "deadline-exceeded" });
  }
  await assert.rejects(client.call(TYPE.hang, {}), { code: "too-many-requests" });
  await working();
  const flood = client.stream(TYPE.flood, {});
  await flood.next();
  await working();
  const { workers: [before] } = await site.json<{ workers: { rssBytes: number }[] }>("status");
  assert.ok(before !== undefined && before.rssBytes < 400e6, `${before?.rssBytes}`);
  await flood.return?.();
  await working();
  await client.call(TYPE.block, { ms: 150 });
  const log = () => manager.stderr;
  await waitFor("the log names the handler", () => /Handler test\.block .* 1\d\d ms/.test(log()));
  // Behind an await nobody sees who it is: those are named that have requests under way.
  await client.call(TYPE.later, { ms: 1000 }).catch(() => {}); // it may be late
  await waitFor(
    "the log names who may be it",
    () => /All clients have waited for \d+ ms, with .* test\.later \(32773\)/.test(log()),
  );
  assert.match(log(), /Request test\.fail .*as it must/s);
  assert.match(log(), /mine\.js: test\.version \(32768\), test\.block/);
  await client.close();
  await site.json("shutdown");
  await site.assertNothingLeft();
});

Deno.test("A handler that blocks its worker for good is ended with it, and another one serves", async () => {
  await using site = await Site.create(1);
  const { report } = await start(site, 1000);
  await using client = await connectTo(site, report);
  await assert.rejects(client.call(TYPE.block, { ms: 60_000 }), { code: "request-lost" });
  assert.deepEqual(await client.call(TYPE.version, {}), { version: 1 });
  const { workers: [worker] } = await site.json<{ workers: { lastError: string | null }[] }>(
    "status",
  );
  assert.match(
    JSON.stringify(worker?.lastError),
    /stalled for \d(?:\.\d)? s after a request of type 32769; killed/,
  );
  await client.close();
  await site.json("shutdown");
});

Deno.test("A module of handlers that is broken fails the start, and a restart leaves what serves", async () => {
  await using site = await Site.create(2);
  const broken = "export default [\n";
  const { report } = await start(site);
  await using client = await connectTo(site, report);
  await Deno.writeTextFile(site.path("mine.js"), broken);
  const refused = await site.run("restart", "all", "--rolling");
  assert.notEqual(refused.code, 0);
  assert.match(refused.stderr, /Cannot load handlers from "[^"]+\/mine\.js", line \d: /);
  assert.deepEqual(await client.call(TYPE.version, {}), { version: 1 });
  await Deno.writeTextFile(site.path("mine.js"), MODULE(2));
  await site.json("restart", "all", "--rolling");
  assert.deepEqual(await client.call(TYPE.version, {}), { version: 2 });
  const { handlers } = await site.json<{ handlers: Record<string, unknown>[] }>("handlers");
  const own = handlers.find(({ name }) => name === "test.hang");
  assert.deepEqual(own, {
    ...{ type: TYPE.hang, name: "test.hang", rights: ["use"], module: site.path("mine.js") },
    ...{ sequence: false, atOnce: false, datagrams: false },
    ...{ deadlineMs: 300, maxRequests: 2, underWay: 0 },
  });
  assert.ok(handlers.some(({ name, module }) => name === "file.put" && module === null));
  const table = (await site.run("handlers", "--port", String(report.ports[1]))).stdout;
  assert.match(table, /^32770 +test\.hang /m);
  await client.close();
  await site.json("shutdown");

  await Deno.writeTextFile(site.path("mine.js"), broken);
  const ports = report.ports.join(",");
  const { code, stderr } = await site.run(
    ...["start", "--no-shell", "--ports", ports, "--root", site.root],
    ...["--config", site.path("msquicd.jsonc")],
  );
  assert.equal(code, 2, stderr);
  assert.match(
    stderr,
    /^msquicd: Cannot start workers? .*: Cannot load handlers from "[^"]+\/mine\.js", line/m,
  );
  await site.assertNothingLeft();
});
