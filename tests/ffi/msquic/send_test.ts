import assert from "node:assert/strict";
import { QuicPair } from "../../fixtures/quic_pair.ts";
import { firstStream, pattern, readAll, rejectsWith } from "./stream_helpers.ts";

Deno.test("Stream.send() keeps small, large and last pieces in order", async () => {
  await using pair = await QuicPair.open();
  await using ends = await pair.connect();
  const many = Array.from({ length: 200 }, () => 1024);
  const lengths = [1, 10, 1024, 1025, 5, 0, 70_000, 3, ...many, 4096, 2, 2];
  const whole = pattern(lengths.reduce((sum, length) => sum + length));
  const stream = await ends.client.openStream();
  let begin = 0;
  const sending = lengths.map((length, i) => {
    const piece = whole.subarray(begin, begin += length);
    return stream.send(piece, { fin: i === lengths.length - 1 });
  });
  assert.deepEqual(await readAll(await firstStream(ends.server)), whole);
  await Promise.all(sending);
});

Deno.test("Stream.finish() sends the small pieces that were gathered", async () => {
  await using pair = await QuicPair.open();
  await using ends = await pair.connect();
  const stream = await ends.client.openStream();
  const sending = [stream.send(pattern(3)), stream.send(pattern(5))];
  const finishing = stream.finish();
  const received = await readAll(await firstStream(ends.server));
  assert.deepEqual(received, new Uint8Array([...pattern(3), ...pattern(5)]));
  await Promise.all([...sending, finishing]);
});

Deno.test("Stream.abort() fails the small pieces that were gathered", async () => {
  await using pair = await QuicPair.open();
  await using ends = await pair.connect();
  const stream = await ends.client.openStream();
  const sending = [stream.send(pattern(3)), stream.send(pattern(5))];
  stream.abort(7);
  for (const piece of sending) await assert.rejects(piece, rejectsWith("stream-aborted"));
  await assert.rejects(stream.send(pattern(1)), rejectsWith("stream-aborted"));
});

Deno.test("Stream.send() that fails need not be looked at", async () => {
  await using pair = await QuicPair.open();
  await using ends = await pair.connect();
  const stream = await ends.client.openStream();
  void stream.send(pattern(3));
  void stream.send(pattern(70_000));
  stream.abort();
  void stream.send(pattern(3));
  void stream.finish();
  await stream.closed;
});

Deno.test("Connection.close() fails the small pieces that were gathered", async () => {
  await using pair = await QuicPair.open();
  await using ends = await pair.connect();
  const stream = await ends.client.openStream();
  await stream.send(pattern(1));
  const closing = ends.client.close();
  const late = stream.send(pattern(3));
  await closing;
  await assert.rejects(late, rejectsWith("connection-ended"));
});
