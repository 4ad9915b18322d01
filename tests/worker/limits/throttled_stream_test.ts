import assert from "node:assert/strict";
import { delay, settlesWithin } from "../../../base/mod.ts";
import { ByteRate } from "../../../base/byte_rate.ts";
import { ThrottledStream } from "../../../worker/limits/throttled_stream.ts";
import { FakeStream } from "../fakes.ts";

function bytes(length: number, from = 0): Uint8Array {
  return Uint8Array.from({ length }, (_, at) => (from + at) % 251);
}

async function readAll(stream: ThrottledStream): Promise<Uint8Array[]> {
  const chunks: Uint8Array[] = [];
  for (let chunk; (chunk = await stream.read()) !== null;) chunks.push(chunk.slice());
  return chunks;
}

Deno.test("ThrottledStream hands on every byte that comes, piece by piece and in time", async () => {
  const data = bytes(70_000);
  const stream = new ThrottledStream(new FakeStream([data]), {
    byteRates: [
      new ByteRate(1_000_000),
      new ByteRate(200_000),
    ],
  });
  const start = performance.now();
  const chunks = await readAll(stream);
  const ms = performance.now() - start;
  assert.ok(chunks.every(({ length }) => length <= 10_000));
  assert.deepEqual(new Uint8Array(await new Blob(chunks as BlobPart[]).arrayBuffer()), data);
  // 50,000 are free, and the last piece goes when those before are paid for.
  assert.ok(ms >= 40 && ms < 5000, `${ms}`);
  assert.ok(stream.exhausted);
});

Deno.test("ThrottledStream sends every byte, in order, and then ends", async () => {
  const peer = new FakeStream([]);
  const sent: Uint8Array[] = [];
  const { send } = peer;
  peer.send = (data, options) => {
    sent.push(data.slice());
    return send.call(peer, data, options);
  };
  const stream = new ThrottledStream(peer, { byteRates: [new ByteRate(400_000)] });
  const first = stream.send(bytes(100_000));
  const second = stream.send(bytes(50_000, 100_000), { fin: true });
  await Promise.all([first, second, stream.finish()]);
  assert.ok(sent.every(({ length }) => length <= 20_000));
  const all = new Uint8Array(await new Blob(sent as BlobPart[]).arrayBuffer());
  assert.deepEqual(all, bytes(150_000));
  await peer.over();
});

Deno.test("ThrottledStream waits for nothing any more when the stream is over", async () => {
  const peer = new FakeStream([bytes(100_000)], { open: true });
  const stream = new ThrottledStream(peer, { byteRates: [new ByteRate(100)] });
  assert.equal((await stream.read())?.length, 4096);
  const reading = stream.read();
  const sending = stream.send(bytes(100_000));
  await delay(1);
  stream.abort(5);
  await reading;
  await Promise.allSettled([sending]);
});

Deno.test("ThrottledStream loses nothing when a read is given up", async () => {
  const stream = new ThrottledStream(new FakeStream([bytes(9000)]), {
    byteRates: [new ByteRate(100_000)],
  });
  const first = await stream.read();
  assert.deepEqual(first, bytes(5000));
  const rate = new ByteRate(10);
  rate.take(1000);
  const slow = new ThrottledStream(new FakeStream([bytes(9000)]), { byteRates: [rate] });
  await assert.rejects(slow.read({ signal: AbortSignal.timeout(5) }), { name: "TimeoutError" });
  assert.equal(slow.exhausted, false);
  slow.abort();
  assert.deepEqual(await slow.read(), bytes(4096));
});

Deno.test("ThrottledStream goes on at another rate as soon as there is one", async () => {
  const pacing = { byteRates: [new ByteRate(1)] };
  const stream = new ThrottledStream(new FakeStream([bytes(90_000)]), pacing);
  const reading = readAll(stream);
  assert.equal(await settlesWithin(reading, 300), false);
  pacing.byteRates = [];
  const start = performance.now();
  assert.equal((await reading).reduce((sum, { length }) => sum + length, 0), 90_000);
  assert.ok(performance.now() - start < 5000);
});
