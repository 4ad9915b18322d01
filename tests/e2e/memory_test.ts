import "../fixtures/loaded_msquic.ts";
import assert from "node:assert/strict";
import { connect } from "../../client/mod.ts";
import { Site, waitFor } from "./harness.ts";

const MIB = 2 ** 20;
const TYPE = { atOnce: 0x8001, slowly: 0x8002, ping: 0x8003 };

const MODULE = `
  const kept = [];
  const wait = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
  export default ({ defineMessage, defineHandler, v }) => {
    const any = v.record(v.string(), v.unknown());
    const define = (type, name) => defineMessage({ type, name, request: any, response: any });
    return [
      defineHandler(define(${TYPE.atOnce}, "test.at-once"), () => {
        return { length: new Uint8Array(1024 * ${MIB}).length };
      }),
      defineHandler(define(${TYPE.slowly}, "test.slowly"), async () => {
        for (;; await wait(50)) kept.push(new Array(2 * ${MIB} / 8).fill(0.5));
      }, { deadlineMs: 60_000 }),
      defineHandler(define(${TYPE.ping}, "test.ping"), () => ({ kept: kept.length })),
    ];
  };
`;

/** V8 may end the process itself, so close to its limit, and before the worker has looked twice. */
const WHY_GONE =
  /^(?:Memory is \d+ MiB of 256 MiB .*requests are under way of test\.slowly \(32770\)|Killed by SIG(?:TRAP|ABRT|ILL), .* \(memoryLimitBytes\)$)/;

interface Status {
  workers: { state: string; restarts: number; lastError: string | null }[];
}

Deno.test({
  name:
    "A handler without measure costs its request, or its worker, which says why, and nothing else",
  ignore: Deno.build.os !== "linux",
  async fn() {
    await using site = await Site.create(2);
    await Deno.writeTextFile(site.path("mine.js"), MODULE);
    const limit = { command: ["/bin/sh", "-c", "ulimit -S -d"] };
    const config = {
      ...{ handlers: ["./mine.js"], memoryLimitBytes: 256 * MIB, memoryBudgetBytes: 16 * MIB },
      actions: { limit },
    };
    await Deno.writeTextFile(site.path("msquicd.jsonc"), JSON.stringify(config));
    const { report: { ports, fingerprint }, ...manager } = await site.start(
      ...["--config", site.path("msquicd.jsonc")],
    );
    const token = await site.token();
    const open = (port = 0) =>
      connect({ server: `127.0.0.1:${port}`, token, fingerprint, failover: false });
    await using victim = await open(ports[0]);
    await using other = await open(ports[1]);
    const workers = async () => (await site.json<Status>("status")).workers;

    // What it wants at once is refused to it, and it has none of it afterwards.
    await assert.rejects(victim.call(TYPE.atOnce, {}), { code: "internal" });
    assert.deepEqual(await victim.call(TYPE.ping, {}), { kept: 0 });
    assert.equal((await workers())[0]?.restarts, 0);
    // Programs that it starts are not bounded by that.
    let told = "";
    await victim.runAction("limit", {}, {
      onOutput: (_, bytes) => void (told += new TextDecoder().decode(bytes)),
    });
    assert.equal(told.trim(), "unlimited");

    const lost = victim.call(TYPE.slowly, {}, { timeoutMs: 60_000 });
    lost.catch(() => {}); // of interest below
    const [gone] = await waitFor("the worker is replaced", async () => {
      const all = await workers();
      return all[0]?.state === "ready" && all[0].restarts === 1 && all;
    });
    assert.match(gone?.lastError ?? "", WHY_GONE);
    await assert.rejects(lost);
    assert.deepEqual(await other.call(TYPE.ping, {}), { kept: 0 });
    assert.equal((await workers())[1]?.restarts, 0);
    await using next = await open(ports[0]);
    assert.deepEqual(await next.call(TYPE.ping, {}), { kept: 0 });
    await Promise.all([victim.close(), other.close(), next.close()]);
    await site.json("shutdown");
    await manager.finished;
    await site.assertNothingLeft();
  },
});
