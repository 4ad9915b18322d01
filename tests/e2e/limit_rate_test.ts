import assert from "node:assert/strict";
import { connect, type TransferResult } from "../../client/mod.ts";
import type { RatesResult, SessionsResult, TransfersResult } from "../../handlers/commands/mod.ts";
import "../fixtures/loaded_msquic.ts";
import { Site, waitFor } from "./harness.ts";

const MIB = 1024 * 1024;

Deno.test("msquicd: limit-rate paces what is under way, until it is lifted, and workers that come later", async () => {
  await using site = await Site.create(2);
  const manager = await site.start();
  const [port = 0] = site.ports;
  const token = await site.token();
  const { fingerprint } = manager.report;
  const open = () =>
    connect({
      ...{ server: `127.0.0.1:${port}`, token, fingerprint },
      ...{ failover: false, agent: "it", compress: "none" },
    });
  const limit = (...args: string[]) => site.json<RatesResult>("limit-rate", ...args);
  const offset = async () => {
    const { transfers } = await site.json<TransfersResult>("transfers");
    return transfers.find(({ state }) => state === "moving")?.offset;
  };

  assert.deepEqual(await limit(), { rates: [], workers: 2 });
  const instance = { of: "instance", name: null, bytesPerSecond: 200 * 1024 } as const;
  assert.deepEqual(await limit("200k"), { rates: [instance], workers: 2 });
  {
    await using client = await open();
    // At 100 KiB a second it would take eight minutes.
    const putting = client.put(new Uint8Array(48 * MIB), "all");
    await waitFor("it is under way", async () => (await offset() ?? 0) > 200_000);
    assert.ok((await offset() ?? Infinity) < 24 * MIB);
    const owner = { of: "token", name: "owner", bytesPerSecond: 1024 ** 3 } as const;
    assert.deepEqual((await limit("1g", "--token", "owner")).rates, [instance, owner]);
    const { stdout } = await site.run("limit-rate");
    assert.match(stdout, /^All clients: .*200.*\/s, of which each of 2 workers has .*100.*\/s\n/);
    assert.deepEqual((await limit("none")).rates, [owner, { ...instance, bytesPerSecond: 0 }]);
    await putting;
    await limit("none", "--token", "owner");

    const { sessions } = await site.json<SessionsResult>("sessions");
    const { id = "" } = sessions.find(({ agent }) => agent === "it") ?? {};
    const session = { of: "session", name: id, bytesPerSecond: 1 } as const;
    assert.deepEqual((await limit("1", "--session", id.slice(0, 8))).rates, [session]);
    const getting = client.get("all", site.path("all"));
    await waitFor("it is sent", async () => await offset() !== undefined);
    await limit("0", "--session", id);
    await getting;
  }

  await limit("200k");
  await site.json("restart", `${port}`);
  await using client = await open();
  const putting = client.put(new Uint8Array(48 * MIB), "again");
  await waitFor("it is under way", async () => (await offset() ?? 0) > 200_000);
  assert.ok((await offset() ?? Infinity) < 24 * MIB);
  await limit("none");
  await putting;

  for (
    const [code, ...args] of [
      [2, "fast"],
      [2, "--token", "owner"],
      [2, "1k", "--token", "owner", "--session", "abcd"],
      [3, "1k", "--token", "nobody"],
      [3, "1k", "--session", "0000"],
    ] as const
  ) {
    const result = await site.run("limit-rate", ...args);
    assert.equal(result.code, code, result.stderr);
  }
});

Deno.test("msquicd: start, put and get keep to --limit-rate, and say that it was that", async () => {
  await using site = await Site.create(1);
  await site.start("--limit-rate", "100M");
  const { rates } = await site.json<RatesResult>("limit-rate");
  assert.deepEqual(rates, [{ of: "instance", name: null, bytesPerSecond: 100 * MIB }]);
  const source = site.path("source");
  await Deno.writeFile(source, new Uint8Array(MIB));
  const bare = ["--compress", "none"]; // it would be next to nothing
  const put = ["put", source, "--to", "a", ...bare, "--limit-rate"];
  const [sent] = await site.json<TransferResult[]>(...put, "700k");
  assert.equal(sent?.limitedBy, "rate");
  // A quarter of a second is free at first.
  assert.ok(sent.ms > 1000, `${sent.ms}`);
  const { stdout } = await site.run(
    ...["get", "a", "-o", site.path("copy"), ...bare, "--limit-rate", "1M", "--verbose"],
  );
  assert.match(stdout, /held up by the rate that --limit-rate allows \(rate\)/);
  const wrong = await site.run(...put, "fast");
  assert.deepEqual([wrong.code, (await site.run("start", "--limit-rate", "fast")).code], [2, 2]);
  assert.match(wrong.stderr, /a rate is wanted, bytes in a second like 500k or 10M, or none/);
});
