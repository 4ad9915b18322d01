import assert from "node:assert/strict";
import type { Connection } from "../../../ffi/mod.ts";
import { QuicPair } from "../../fixtures/quic_pair.ts";
import { firstStream } from "./stream_helpers.ts";

const LARGE = 8 * 2 ** 20;
/** Five packets: of eight such sends, one makes 41, which are acknowledged in any case. */
const FEW = 6000;
const SENDS = 80;

/** A peer that was asked to wait for more packets waits for 2 ms, or more: no timer is early. */
const DELAY_MS = 2;

/** Sends little behind much, again and again. @returns When each was acknowledged, in milliseconds, sorted. */
async function sendFewBehindMuch(client: Connection, server: Connection): Promise<number[]> {
  const sending = await client.openStream();
  const large = sending.send(new Uint8Array(LARGE));
  const receiving = await firstStream(server);
  const reading = (async () => {
    while (await receiving.read() !== null);
  })();
  await large;
  const times: number[] = [];
  for (let sends = 0; sends < SENDS; sends++) {
    const start = performance.now();
    await sending.send(new Uint8Array(FEW));
    times.push(performance.now() - start);
  }
  await sending.finish();
  await reading;
  return times.sort((a, b) => a - b);
}

Deno.test("the last of much is acknowledged when no more comes, not after the delay for more", async () => {
  await using pair = await QuicPair.open();
  const { client, server } = await pair.connect();
  client.acknowledgeSooner(1);
  server.acknowledgeSooner(1);
  const times = await sendFewBehindMuch(client, server);
  // Without it, a third would be.
  const most = times[SENDS * 6 / 10]!;
  assert.ok(most < DELAY_MS, `six of ten were acknowledged within ${most} ms`);
});

Deno.test("a connection has the same keep-alives after it has acknowledged at once", async () => {
  await using pair = await QuicPair.open({ idleTimeoutMs: 600 });
  const { client, server } = await pair.connect({ idleTimeoutMs: 600 });
  server.setKeepAlive(50);
  await sendFewBehindMuch(client, server);
  const over = server.ended.then(() => "over");
  const later = new Promise((resolve) => setTimeout(() => resolve("later"), 900));
  assert.equal(await Promise.race([over, later]), "later");
  server.setKeepAlive(0);
  assert.equal((await server.ended).by, "idle");
});
