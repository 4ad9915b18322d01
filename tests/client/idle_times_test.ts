import assert from "node:assert/strict";
import fc from "fast-check";
import { delay } from "../../base/mod.ts";
import { keepAliveWithin } from "../../base/idle_times.ts";
import { connect, type ConnectOptions } from "../../client/mod.ts";
import { within } from "../ffi/within.ts";
import { type Bench, withServer } from "../fixtures/server.ts";

/** Longer than an idle timeout of a second, in milliseconds, with what MsQuic adds to it. */
const LONGER_MS = 2500;

function connected(
  { server, token, fingerprint }: Bench,
  times: Pick<ConnectOptions, "idleTimeoutMs" | "keepAliveMs"> = {},
) {
  return connect({ server, token, fingerprint, failover: false, ...times });
}

Deno.test("A session is idle for as long as the shorter of both sides' times, unless somebody asks", async () => {
  await withServer(async (bench) => {
    const events = bench.running.services.events.subscribe(
      ["session.closed"],
      new AbortController().signal,
    );
    // The server says that it is short, and this client asks often enough.
    await using asking = await connected(bench);
    await using silent = await connected(bench, { keepAliveMs: 0 });
    const { value } = await within(30_000, "the end of the session", events.next());
    assert.deepEqual([value?.body.by, value?.body.reason], ["network", "idle-timeout"]);
    assert.equal((await silent.ended).by, "idle");
    await delay(LONGER_MS);
    await asking.ping();
    assert.equal(Iterator.from(bench.running.sessions).toArray().length, 1);
  }, { idleTimeoutMs: 1000 });
});

Deno.test("A server that asks for signs of life keeps a client that does not; a client may be idle for less", async () => {
  await withServer(async (bench) => {
    await using kept = await connected(bench, { idleTimeoutMs: 1000, keepAliveMs: 0 });
    await delay(LONGER_MS);
    await kept.ping();
  }, { idleTimeoutMs: 60_000, keepAliveMs: 300 });
  await withServer(async (bench) => {
    await using silent = await connected(bench, { idleTimeoutMs: 1000, keepAliveMs: 0 });
    assert.equal((await within(30_000, "the end", silent.ended)).by, "idle");
  }, { idleTimeoutMs: 60_000 });
});

Deno.test("keepAliveWithin() asks three times within the idle timeout at least, and never where it is not to", () => {
  const ms = fc.integer({ min: 1000, max: 3_600_000 });
  fc.assert(fc.property(fc.nat({ max: 3_600_000 }), ms, (wanted, idleMs) => {
    const keepAlive = keepAliveWithin(wanted, idleMs);
    assert.ok(keepAlive <= wanted && 3 * keepAlive <= idleMs);
    if (3 * wanted <= idleMs) assert.equal(keepAlive, wanted);
    assert.equal(keepAlive === 0, wanted === 0);
  }));
});
