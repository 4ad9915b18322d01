import assert from "node:assert/strict";
import { connect } from "../../client/mod.ts";
import { withServer } from "../fixtures/server.ts";
import { TestCounters } from "../worker/fakes.ts";

Deno.test("A client that sends more requests than it may waits, and all are served", async () => {
  const counters = new TestCounters();
  const tooMany = () => counters.values.overLimit ?? 0;
  await withServer(async ({ server, token }) => {
    await using client = await connect({ server, token, insecure: true });
    await Promise.all(Array.from({ length: 12 }, () => client.ping()));
    const before = tooMany();
    assert.ok(before > 0);
    const file = new Uint8Array(1000);
    await Promise.all(Array.from({ length: 10 }, (_, at) => client.put(file, `f${at}`)));
    assert.ok(tooMany() > before);
    assert.equal((await Array.fromAsync(client.list())).length, 10);
  }, { limits: { requestsPerSecond: 10 }, counters });
});

Deno.test("A client with no patience hears that it sends too many requests", async () => {
  await withServer(async ({ server, token }) => {
    await using client = await connect({ server, token, insecure: true, retryForMs: 0 });
    const outcomes = await Promise.allSettled(Array.from({ length: 20 }, () => client.ping()));
    const reasons = outcomes.flatMap((one) => one.status === "rejected" ? [one.reason] : []);
    assert.ok(reasons.length >= 10);
    for (const { code, retryAfterMs } of reasons) {
      assert.equal(code, "too-many-requests");
      assert.ok(retryAfterMs > 0);
    }
  }, { limits: { requestsPerSecond: 2 } });
});

Deno.test("A client of an address that has its share is told so, and gets in when there is room", async () => {
  await withServer(async ({ server, token }) => {
    const options = { server, token, insecure: true } as const;
    const first = await connect(options);
    await assert.rejects(connect(options), { code: "limit-reached", retryAfterMs: 2000 });
    const waiting = connect({ ...options, waitForServerMs: 60_000 });
    await first.close();
    await using second = await waiting;
    assert.ok((await second.ping()).ms > 0);
  }, { limits: { connectionsPerAddress: 1 } });
});
