import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { delay } from "../../base/mod.ts";
import { Channel } from "../../ipc/channel.ts";
import type { Rings } from "../../ipc/rings.ts";
import { ChannelClosedError, MessageTooLargeError, SegmentCorruptError } from "../../ipc/errors.ts";
import { MAX_MESSAGE_BYTES } from "../../ipc/parts.ts";
import { RING_HEADER_BYTES, ringBytes, RingConsumer, RingProducer } from "../../ipc/ring.ts";
import { within } from "../ffi/within.ts";

const CAPACITY = 256;

/** A doorbell within one process. */
class LocalBell {
  #rung = false;
  #waiting: PromiseWithResolvers<void> | undefined;

  ring(): void {
    this.#rung = true;
    if (this.#waiting === undefined) return;
    this.#waiting.resolve();
    this.#waiting = undefined;
    this.#rung = false;
  }

  wait(): Promise<void> {
    if (this.#rung) {
      this.#rung = false;
      return Promise.resolve();
    }
    this.#waiting ??= Promise.withResolvers();
    return this.#waiting.promise;
  }
}

interface Ends {
  buffer: ArrayBuffer;
  left: Channel;
  right: Channel;
  close(end: "left" | "right"): void;
}

function connected(): Ends {
  const size = ringBytes(CAPACITY);
  const buffer = new ArrayBuffer(4 * size);
  const bells = { left: new LocalBell(), right: new LocalBell() };
  const left = new Channel({
    inbox: consumers(buffer, 0),
    outbox: producers(buffer, 2 * size),
    own: bells.left,
    peer: bells.right,
  });
  const right = new Channel({
    inbox: consumers(buffer, 2 * size),
    outbox: producers(buffer, 0),
    own: bells.right,
    peer: bells.left,
  });
  const ends = { left, right };
  return {
    buffer,
    left,
    right,
    close(end) {
      ends[end][Symbol.dispose]();
      bells[end].ring();
    },
  };
}

function consumers(buffer: ArrayBuffer, offset: number): Rings<RingConsumer> {
  return {
    ordinary: new RingConsumer(buffer, offset, CAPACITY),
    urgent: new RingConsumer(buffer, offset + ringBytes(CAPACITY), CAPACITY),
  };
}

function producers(buffer: ArrayBuffer, offset: number): Rings<RingProducer> {
  return {
    ordinary: new RingProducer(buffer, offset, CAPACITY),
    urgent: new RingProducer(buffer, offset + ringBytes(CAPACITY), CAPACITY),
  };
}

/** A record that says its number. */
function numbered(value: number, length = 60): Uint8Array {
  const record = new Uint8Array(length);
  new DataView(record.buffer).setUint32(0, value);
  return record;
}

function numberOf(record: Uint8Array): number {
  return new DataView(record.buffer, record.byteOffset).getUint32(0);
}

async function receive(channel: Channel, count: number): Promise<number[]> {
  const numbers: number[] = [];
  for await (const record of channel.records()) {
    numbers.push(numberOf(record));
    if (numbers.length === count) break;
  }
  return numbers;
}

Deno.test("Channel carries records both ways, in order", async () => {
  const { left, right } = connected();
  for (let i = 0; i < 3; i++) {
    await left.send(numbered(i));
    await right.send(numbered(100 + i));
  }
  assert.deepEqual(await receive(right, 3), [0, 1, 2]);
  assert.deepEqual(await receive(left, 3), [100, 101, 102]);
});

Deno.test("Channel.send() waits for room and keeps the order of the calls", async () => {
  const { left, right } = connected();
  const count = 1000;
  const sent = Array.from({ length: count }, (_, i) => left.send(numbered(i, 4 + i % 200)));
  const received = receive(right, count);
  await within(30_000, "sending", Promise.all(sent));
  assert.deepEqual(await received, Array.from({ length: count }, (_, i) => i));
});

Deno.test("Channel lets both ends wait for room at once", async () => {
  const { left, right } = connected();
  const count = 300;
  const sending = [left, right].flatMap((end) =>
    Array.from({ length: count }, (_, i) => end.send(numbered(i)))
  );
  const received = Promise.all([receive(left, count), receive(right, count)]);
  await within(30_000, "sending", Promise.all(sending));
  const expected = Array.from({ length: count }, (_, i) => i);
  assert.deepEqual(await received, [expected, expected]);
});

Deno.test("Channel.send() refuses what can never fit, and goes on", async () => {
  const { left, right } = connected();
  const tooLong = new Uint8Array(MAX_MESSAGE_BYTES + 1);
  await assert.rejects(left.send(tooLong), MessageTooLargeError);
  const urgent = left.send(new Uint8Array(CAPACITY - 7), { urgent: true });
  await assert.rejects(urgent, MessageTooLargeError);
  await left.send(numbered(0, CAPACITY - 8));
  const waiting = left.send(numbered(1));
  await assert.rejects(left.send(tooLong), MessageTooLargeError);
  assert.deepEqual(await receive(right, 2), [0, 1]);
  await waiting;
});

Deno.test("Channel carries records larger than the ring in parts", async () => {
  const { left, right } = connected();
  for (const length of [CAPACITY - 7, CAPACITY, 10 * CAPACITY + 1, 300_000]) {
    const record = new Uint8Array(length);
    for (let i = 0; i < length; i++) record[i] = i * 31 ^ (i >> 8);
    const records = right.records();
    const [{ value }] = await within(
      10_000,
      "the parts",
      Promise.all([records.next(), left.send(record)]),
    );
    await records.return();
    assert.ok(value);
    assert.ok(Buffer.from(value).equals(record), `${length} bytes`);
  }
});

Deno.test("Channel lets small records pass while a large one goes in parts", async () => {
  const { left, right } = connected();
  const sending = [left.send(numbered(7, 100_000)), left.send(numbered(8)), left.send(numbered(9))];
  assert.deepEqual(await within(30_000, "receiving", receive(right, 3)), [8, 9, 7]);
  await Promise.all(sending);
});

Deno.test("Channel hands out an urgent record next, however full the ring is", async () => {
  const { left, right } = connected();
  const records = right.records();
  const sent = Array.from({ length: 20 }, (_, i) => left.send(numbered(i)));
  sent.push(left.send(numbered(99, 100_000)));
  assert.equal(numberOf((await records.next()).value!), 0);
  await left.send(numbered(1000, 4), { urgent: true });
  assert.equal(numberOf((await records.next()).value!), 1000);
  await left.send(numbered(1001, 4), { urgent: true });
  assert.equal(numberOf(right.takeUrgent()!), 1001);
  assert.equal(right.takeUrgent(), null);
  await records.return();
  const rest = [...Array.from({ length: 19 }, (_, i) => i + 1), 99];
  assert.deepEqual(await within(30_000, "the rest", receive(right, 20)), rest);
  await Promise.all(sent);
});

Deno.test("Channel wakes a sleeping reader for an urgent record", async () => {
  const { left, right } = connected();
  const received = receive(right, 1);
  await delay(0);
  await left.send(numbered(5, 4), { urgent: true });
  assert.deepEqual(await within(30_000, "waking", received), [5]);
});

Deno.test("Channel.send() takes back with its signal what still waits", async () => {
  const { left, right } = connected();
  const first = left.send(numbered(0, CAPACITY - 8));
  const controller = new AbortController();
  const waiting = left.send(numbered(1), { signal: controller.signal });
  const last = left.send(numbered(2));
  controller.abort();
  await assert.rejects(waiting, { name: "AbortError" });
  assert.deepEqual(await receive(right, 2), [0, 2]);
  await Promise.all([first, last]);
});

Deno.test("Channel.send() that waits fails when the channel is disposed", async () => {
  const { left, close } = connected();
  await left.send(new Uint8Array(CAPACITY - 8));
  const waiting = [left.send(numbered(1)), left.send(numbered(2))];
  close("left");
  for (const outcome of await within(30_000, "closing", Promise.allSettled(waiting))) {
    assert.ok(outcome.status === "rejected" && outcome.reason instanceof ChannelClosedError);
  }
  await assert.rejects(left.send(numbered(3)), ChannelClosedError);
});

Deno.test("Channel.records() ends on dispose, asleep or not", async () => {
  const { left, close } = connected();
  const received = receive(left, 1);
  close("left");
  assert.deepEqual(await within(30_000, "closing", received), []);
  assert.deepEqual(await receive(left, 1), []);
});

Deno.test("Channel.records() ends with its signal and may begin anew", async () => {
  const { left, right } = connected();
  const controller = new AbortController();
  const records = left.records(controller.signal);
  const next = records.next();
  controller.abort();
  assert.equal((await within(30_000, "aborting", next)).done, true);
  assert.equal((await left.records(AbortSignal.abort()).next()).done, true);
  await right.send(numbered(5));
  assert.deepEqual(await receive(left, 1), [5]);
});

Deno.test("Channel.records() ends when its iterator is returned, asleep or not", async () => {
  const { left, right } = connected();
  const records = left.records();
  const next = records.next();
  await records.return();
  assert.equal((await within(30_000, "returning", next)).done, true);
  assert.equal((await records.next()).done, true);
  await right.send(numbered(6));
  assert.deepEqual(await receive(left, 1), [6]);
});

Deno.test("Channel.records() refuses a second iteration at the same time", async () => {
  const { left, close } = connected();
  const first = receive(left, 1);
  await assert.rejects(receive(left, 1), /being received already/);
  close("left");
  await first;
});

Deno.test("Channel.records() leaves the event loop its turns while records keep coming", async () => {
  const { left, right } = connected();
  let fired = false;
  const timer = setTimeout(() => fired = true, 0);
  let count = 0;
  await right.send(numbered(0));
  for await (const _record of left.records()) {
    if (fired || ++count === 1_000_000) break;
    await right.send(numbered(count));
  }
  clearTimeout(timer);
  assert.ok(fired, "a timer never fired during a million records");
});

Deno.test("Channel throws SegmentCorruptError for a ring that makes no sense", async () => {
  const { buffer, left, right } = connected();
  const outbox = new Int32Array(buffer, 2 * ringBytes(CAPACITY), RING_HEADER_BYTES / 4);
  await left.send(new Uint8Array(CAPACITY / 2));
  outbox.fill(2);
  await assert.rejects(left.send(new Uint8Array(CAPACITY / 2)), SegmentCorruptError);
  await assert.rejects(receive(right, 1), SegmentCorruptError);
});
