import assert from "node:assert/strict";
import { delay } from "../../../base/mod.ts";
import { Library } from "../../../ffi/mod.ts";
import { SendSlots } from "../../../ffi/msquic/send_slots.ts";
import { CaughtLogs } from "../../fixtures/caught_logs.ts";
import { QuicPair } from "../../fixtures/quic_pair.ts";
import { firstStream, pattern, readAll, rejectsWith } from "./stream_helpers.ts";
import { within } from "../within.ts";

/** Bytes whose memory somebody else has taken, as `postMessage` with a transfer does. */
function takenAway(length: number): { bytes: Uint8Array<ArrayBuffer>; take: () => void } {
  const bytes = pattern(length);
  return { bytes, take: () => void structuredClone(bytes.buffer, { transfer: [bytes.buffer] }) };
}

Deno.test("SendSlots.take() that throws takes no slot", () => {
  const slots = new SendSlots();
  const { bytes, take } = takenAway(10);
  take();
  for (let i = 0; i < 1000; i++) {
    assert.throws(() => slots.take(bytes, Promise.withResolvers()), TypeError);
  }
  const ids = Array.from({ length: 256 }, () => slots.take(pattern(1), Promise.withResolvers()));
  assert.equal(new Set(ids).size, 256);
  assert.equal(Math.max(...ids), 255, "slots are lost: a second page was needed");
});

Deno.test("SendSlots gives out no slot twice, tells whoever waits, and takes a slot back once", async () => {
  const slots = new SendSlots();
  const sends = Array.from({ length: 300 }, (_, i) => {
    const completion = Promise.withResolvers<void>();
    return { completion, id: slots.take(pattern(i), completion) };
  });
  assert.equal(new Set(sends.map(({ id }) => id)).size, 300);
  const addresses = sends.map(({ id }) => Deno.UnsafePointer.value(slots.pointer(id)));
  assert.equal(new Set(addresses).size, 300);
  const [first, second] = sends;
  slots.release(first!.id);
  slots.release(first!.id, new Error("a second time"));
  await first!.completion.promise;
  slots.release(second!.id, new Error("gone"));
  await assert.rejects(second!.completion.promise, /gone/);
  const again = [1, 2, 3].map(() => slots.take(pattern(1), Promise.withResolvers()));
  assert.equal(new Set(again).size, 3, "a slot that was given back twice is given out twice");
});

for (
  const [what, lengths] of Object.entries({
    "one small piece": [100],
    "some small pieces": [100, 50],
    "one large piece": [70_000],
  })
) {
  Deno.test(`Stream.send() of ${what} whose memory is taken away costs that stream alone`, async () => {
    await using pair = await QuicPair.open();
    await using ends = await pair.connect();
    const [broken, before, after] = await Promise.all(
      [1, 2, 3].map(() => ends.client.openStream()),
    );
    // All of them hand over what they gathered in the same turn, the one that fails between the others.
    const sends = [before!.send(pattern(3))];
    const pieces = lengths.map(takenAway);
    if (lengths[0]! > 1024) pieces[0]!.take();
    const failing = pieces.map(({ bytes }) => broken!.send(bytes));
    sends.push(after!.send(pattern(5)));
    if (lengths[0]! <= 1024) pieces[0]!.take();
    for (const send of failing) await assert.rejects(send, /detached|memory/);
    await assert.rejects(broken!.send(pattern(1)), TypeError);
    await assert.rejects(broken!.read(), TypeError);
    await Promise.all([...sends, before!.finish(), after!.finish()]);
    const incoming = ends.server.streams[Symbol.asyncIterator]();
    const received = await Promise.all([1, 2, 3].map(async () => {
      const { value: stream } = await incoming.next();
      return readAll(stream!).then((bytes) => bytes.length, (error) => error.code);
    }));
    assert.deepEqual(received.sort(), [3, 5, "stream-aborted"]);
    await within(30_000, "the end of the stream", broken!.closed);
  });
}

Deno.test("Stream.send() that MsQuic refuses resets the stream, so that no bytes are missing", async () => {
  await using pair = await QuicPair.open();
  await using ends = await pair.connect();
  const stream = await ends.client.openStream();
  await stream.send(pattern(3));
  const { runtime } = ends.client.handle;
  const { api } = runtime;
  const OUT_OF_MEMORY = 12;
  // The library has no memory for one send.
  Object.assign(runtime, { api: { ...api, StreamSend: () => OUT_OF_MEMORY } });
  try {
    await assert.rejects(
      stream.send(pattern(2000)),
      /^MsQuicError: \[strm\]\[\d+\] StreamSend failed with QUIC_STATUS_OUT_OF_MEMORY$/,
    );
  } finally {
    Object.assign(runtime, { api });
  }
  await assert.rejects(stream.send(pattern(7)), /OUT_OF_MEMORY/);
  await assert.rejects(readAll(await firstStream(ends.server)), rejectsWith("stream-aborted"));
});

Deno.test("The event loop goes on after a hand-over that threw, with what was gathered behind it", async () => {
  await using logs = await CaughtLogs.of(["msquicd", "ffi"]);
  await using library = Library.open();
  const { gathering, loop } = library.runtime;
  let failures = 0;
  const handedOver = Promise.withResolvers<void>();
  gathering.push({
    traceName: "[strm][1]",
    sendBatch: () => {
      throw new Error("boom");
    },
    handleFailure: () => failures++,
  }, {
    traceName: "[strm][2]",
    sendBatch: () => handedOver.resolve(),
    handleFailure: () => handedOver.reject(new Error("not this one's failure")),
  });
  loop.flush();
  library.nudge();
  await within(30_000, "the hand-over", handedOver.promise);
  assert.deepEqual([failures, gathering.length], [1, 0]);
  assert.match(logs.messages.join("\n"), /\[strm\]\[1\].*boom/);
  const { turns } = library;
  const turning = async () => {
    for (; library.turns === turns; await delay(1)) library.nudge();
  };
  await within(30_000, "another turn of the loop", turning());
});
