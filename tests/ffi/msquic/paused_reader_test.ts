import assert from "node:assert/strict";
import { delay } from "../../../base/mod.ts";
import { QuicPair } from "../../fixtures/quic_pair.ts";
import { within } from "../within.ts";
import { pattern, readAll } from "./stream_helpers.ts";

/** More than both ends take on before one of them reads. */
const LENGTH = 30_000_000;

Deno.test("Connection is quiet while a reader pauses, awake for others, and goes on with the reader", async () => {
  await using pair = await QuicPair.open();
  await using ends = await pair.connect();
  const { loop } = pair.registration.runtime;
  const stream = await ends.client.openStream();
  const data = pattern(LENGTH);
  const sending = stream.send(data, { fin: true });
  const streams = ends.server.streams[Symbol.asyncIterator]();
  const { value: paused } = await streams.next();
  await delay(500);

  // Without rests there are some 240,000 polls in a second.
  const { turns } = loop;
  await delay(1000);
  assert.ok(loop.turns - turns < 20_000, `${loop.turns - turns} polls in a second`);

  const beside = await ends.client.openStream();
  const start = performance.now();
  await beside.send(pattern(10), { fin: true });
  const { value: accepted } = await streams.next();
  assert.equal((await readAll(accepted!)).length, 10);
  assert.ok(performance.now() - start < 1000, "what is sent beside it waits");

  assert.deepEqual(await within(30_000, "the rest", readAll(paused!)), data);
  await sending;
});
