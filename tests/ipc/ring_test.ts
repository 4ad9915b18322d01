import assert from "node:assert/strict";
import fc from "fast-check";
import { MessageTooLargeError, SegmentCorruptError } from "../../ipc/errors.ts";
import {
  isRingCapacity,
  RING_CAPACITY,
  RING_HEADER_BYTES,
  ringBytes,
  RingConsumer,
  RingProducer,
  RingWord,
} from "../../ipc/ring.ts";

const CANARY = 0xC7;
const MARGIN = 64;

interface Pair {
  buffer: ArrayBuffer;
  producer: RingProducer;
  consumer: RingConsumer;
}

/** A ring between two margins of canaries, whose counters begin at `start`. */
function pair(capacity: number, start = 0): Pair {
  const buffer = new ArrayBuffer(ringBytes(capacity) + 2 * MARGIN);
  const bytes = new Uint8Array(buffer);
  bytes.fill(CANARY, 0, MARGIN);
  bytes.fill(CANARY, bytes.length - MARGIN);
  const header = new Int32Array(buffer, MARGIN, RING_HEADER_BYTES / 4);
  header[RingWord.head / 4] = start;
  header[RingWord.tail / 4] = start;
  return {
    buffer,
    producer: new RingProducer(buffer, MARGIN, capacity),
    consumer: new RingConsumer(buffer, MARGIN, capacity),
  };
}

function assertCanaries(buffer: ArrayBuffer): void {
  const bytes = new Uint8Array(buffer);
  const margins = [bytes.subarray(0, MARGIN), bytes.subarray(bytes.length - MARGIN)];
  assert.ok(margins.every((margin) => margin.every((byte) => byte === CANARY)));
}

const capacities = fc.constantFrom(64, 128, 256);
/** Multiples of four, near where the 32-bit counters wrap or anywhere. */
const starts = fc.oneof(fc.integer({ min: -64, max: 16 }), fc.integer()).map((n) => n & ~3);
const pushes = fc.uint8Array({ maxLength: 80 }).map((record) => ({ push: record }));
const pops = fc.constant({ pop: true } as const);

Deno.test("a ring behaves as a queue for any sequence of pushes and pops", () => {
  fc.assert(fc.property(
    capacities,
    starts,
    fc.array(fc.oneof(pushes, pops), { maxLength: 200 }),
    (capacity, start, steps) => {
      const { buffer, producer, consumer } = pair(capacity, start);
      const queue: Uint8Array[] = [];
      let used = 0;
      for (const step of steps) {
        assert.equal(consumer.empty, queue.length === 0);
        if ("push" in step) {
          const need = Math.ceil((8 + step.push.length) / 4) * 4;
          if (step.push.length > producer.maxRecord) {
            assert.throws(() => producer.push(step.push), MessageTooLargeError);
            continue;
          }
          const fits = used + need <= capacity;
          assert.equal(producer.push(step.push), fits);
          if (!fits) continue;
          queue.push(step.push);
          used += need;
        } else {
          const record = consumer.pop();
          const expected = queue.shift();
          assert.deepEqual(record, expected ?? null);
          if (expected) used -= Math.ceil((8 + expected.length) / 4) * 4;
        }
      }
      assertCanaries(buffer);
    },
  ));
});

Deno.test("a ring whose memory changes at random throws SegmentCorruptError and nothing else", () => {
  const capacity = 64;
  const pokes = fc.record({
    poke: fc.nat({ max: ringBytes(capacity) / 4 - 1 }),
    value: fc.oneof(fc.integer(), fc.integer({ min: -8, max: 72 })),
  });
  fc.assert(
    fc.property(
      starts,
      fc.array(fc.oneof(pushes, pops, pokes), { maxLength: 100 }),
      (start, steps) => {
        const { buffer, producer, consumer } = pair(capacity, start);
        const words = new Int32Array(buffer, MARGIN, ringBytes(capacity) / 4);
        for (const step of steps) {
          try {
            if ("poke" in step) words[step.poke] = step.value;
            else if ("push" in step) producer.push(step.push);
            else {
              const record = consumer.pop();
              assert.ok(record === null || record.length <= capacity);
            }
          } catch (error) {
            const expected = error instanceof SegmentCorruptError ||
              (error instanceof MessageTooLargeError && "push" in step);
            if (!expected) throw error;
          }
        }
        assertCanaries(buffer);
      },
    ),
    { numRuns: 2000 },
  );
});

Deno.test("RingConsumer.pop() refuses each header word that makes no sense", () => {
  for (const head of [3, 4 + 65, 1, -4, 2 ** 31 - 4, 68]) {
    const { buffer, producer, consumer } = pair(64);
    producer.push(new Uint8Array(8));
    new Int32Array(buffer, MARGIN)[RingWord.head / 4] = head;
    assert.throws(() => consumer.pop(), SegmentCorruptError, `head ${head}`);
  }
  for (const length of [9, 57, 64, 2 ** 31, 2 ** 32 - 1]) {
    const { buffer, producer, consumer } = pair(64);
    producer.push(new Uint8Array(8));
    new Uint32Array(buffer, MARGIN + RING_HEADER_BYTES)[0] = length;
    assert.throws(() => consumer.pop(), SegmentCorruptError, `length ${length}`);
  }
});

Deno.test("RingProducer.push() refuses a tail that makes no sense, when it looks for room", () => {
  for (const tail of [68, 1, -4, 2 ** 31 - 4]) {
    const { buffer, producer } = pair(64);
    producer.push(new Uint8Array(producer.maxRecord));
    new Int32Array(buffer, MARGIN)[RingWord.tail / 4] = tail;
    assert.throws(() => producer.push(new Uint8Array(8)), SegmentCorruptError, `tail ${tail}`);
  }
});

Deno.test("RingConsumer.takeProducerSleep() is true once, when half of the ring is free", () => {
  const { producer, consumer } = pair(64);
  for (let i = 0; i < 4; i++) assert.ok(producer.push(new Uint8Array(8)));
  consumer.pop();
  assert.ok(producer.push(new Uint8Array(8)), "more than the consumer saw when it last looked");
  producer.announceSleep();
  assert.equal(consumer.takeProducerSleep(), false, "the ring is full");
  consumer.pop();
  assert.equal(consumer.takeProducerSleep(), false, "a quarter is free");
  consumer.pop();
  assert.equal(consumer.takeProducerSleep(), true);
  assert.equal(consumer.takeProducerSleep(), false);
});

Deno.test("RingProducer.push() takes a record that fills the ring, wherever it begins", () => {
  for (let start = -64; start <= 64; start += 4) {
    const { producer, consumer } = pair(64, start);
    const record = crypto.getRandomValues(new Uint8Array(producer.maxRecord));
    assert.ok(producer.push(record));
    assert.ok(!producer.push(new Uint8Array(0)));
    assert.deepEqual(consumer.pop(), record);
    assert.equal(consumer.pop(), null);
  }
});

Deno.test("RingConsumer.pop() gives records of their own", () => {
  const { buffer, producer, consumer } = pair(64);
  producer.push(Uint8Array.of(1, 2, 3));
  const record = consumer.pop();
  new Uint8Array(buffer).fill(0);
  assert.deepEqual(record, Uint8Array.of(1, 2, 3));
});

Deno.test("a ring's ends each notice once that the other sleeps", () => {
  const { producer, consumer } = pair(64);
  assert.ok(!producer.takeConsumerSleep());
  consumer.announceSleep();
  assert.ok(producer.takeConsumerSleep());
  assert.ok(!producer.takeConsumerSleep());
  assert.ok(!consumer.takeProducerSleep());
  producer.announceSleep();
  assert.ok(consumer.takeProducerSleep());
  assert.ok(!consumer.takeProducerSleep());
});

Deno.test("RingConsumer wakes a sleeping producer when half of the ring is free", () => {
  const { producer, consumer } = pair(64);
  for (let i = 0; i < 4; i++) assert.ok(producer.push(new Uint8Array(8)));
  producer.announceSleep();
  consumer.pop();
  assert.ok(!consumer.takeProducerSleep());
  consumer.pop();
  assert.ok(consumer.takeProducerSleep());
});

Deno.test("a ring is taken up where another pair of ends left it", () => {
  const first = pair(64);
  first.producer.push(Uint8Array.of(1));
  first.producer.push(Uint8Array.of(2));
  first.consumer.pop();
  const consumer = new RingConsumer(first.buffer, MARGIN, 64);
  const producer = new RingProducer(first.buffer, MARGIN, 64);
  producer.push(Uint8Array.of(3));
  assert.deepEqual(consumer.pop(), Uint8Array.of(2));
  assert.deepEqual(consumer.pop(), Uint8Array.of(3));
});

Deno.test("isRingCapacity() takes powers of two within bounds only", () => {
  assert.ok(isRingCapacity(RING_CAPACITY.min));
  assert.ok(isRingCapacity(65536));
  assert.ok(isRingCapacity(RING_CAPACITY.max));
  for (const capacity of [0, 1, 32, 65, 96, 65535, 2 ** 31, -64, 64.5, NaN]) {
    assert.ok(!isRingCapacity(capacity), String(capacity));
    assert.throws(() => new RingProducer(new ArrayBuffer(1024), 0, capacity), RangeError);
  }
});

Deno.test("RingConsumer.pop() refuses a record of another generation, and one of no known kind", () => {
  for (const generation of [0, 1, 2 ** 24 - 1]) {
    const { buffer } = pair(64);
    new RingProducer(buffer, MARGIN, 64, generation).push(Uint8Array.of(1));
    const same = new RingConsumer(buffer, MARGIN, 64, generation);
    const later = new RingConsumer(buffer, MARGIN, 64, generation + 1);
    assert.throws(() => later.pop(), SegmentCorruptError);
    assert.deepEqual(same.pop(), Uint8Array.of(1));
  }
  const { buffer, producer, consumer } = pair(64);
  producer.push(Uint8Array.of(1));
  new Uint32Array(buffer, MARGIN + RING_HEADER_BYTES)[1] = 3;
  assert.throws(() => consumer.pop(), SegmentCorruptError);
});
