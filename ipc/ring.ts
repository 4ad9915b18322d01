import { ByteSlab } from "../ffi/memory/byte_slab.ts";
import { MessageTooLargeError, SegmentCorruptError } from "./errors.ts";

/**
 * The words of a ring that its two ends share, each in a cache line of its own, in bytes from the
 * ring's start. Head and tail count bytes, run free and wrap at 2^32.
 */
export const RingWord = {
  /** Bytes ever written; the producer's. */
  head: 0,
  /** Bytes ever read; the consumer's. */
  tail: 64,
  /** 1 while the consumer sleeps; set by the consumer, cleared by whoever wakes it. */
  consumerAsleep: 128,
  /** 1 while the producer sleeps; set by the producer, cleared by whoever wakes it. */
  producerAsleep: 192,
} as const;

/** Bytes in front of a ring's data. */
export const RING_HEADER_BYTES = 256;

/** Bounds of a ring's capacity, which is a power of two. */
export const RING_CAPACITY = { min: 64, max: 2 ** 30 } as const;

/** What is in a record. */
export const RecordKind = {
  /** A message. */
  whole: 0,
  /** A part of one that is larger than the ring: see `parts.ts`. */
  part: 1,
  /** What was said before it is void: the other end has changed. See `Channel.takeOver`. */
  takeover: 2,
} as const;

export type RecordKind = typeof RecordKind[keyof typeof RecordKind];

/** In front of each record: its length in bytes; then its generation (24 bits) and kind (8 bits). */
const RECORD_HEADER_BYTES = 8;

/** Where records are copied to, for all rings of the process. */
const records = new ByteSlab();

const WORD_BYTES = 4;
const WORD_SHIFT = 2;
const KIND_BITS = 8;

/** Bytes of memory that a ring of this capacity takes. */
export function ringBytes(capacity: number): number {
  return RING_HEADER_BYTES + capacity;
}

export function isRingCapacity(capacity: number): boolean {
  const { min, max } = RING_CAPACITY;
  return Number.isInteger(capacity) && capacity >= min && capacity <= max &&
    (capacity & (capacity - 1)) === 0;
}

/** Whether what a ring's counters say can be; one of them must stand still meanwhile. */
export function isRingState(buffer: ArrayBuffer, offset: number, capacity: number): boolean {
  const header = new Int32Array(buffer, offset, RING_HEADER_BYTES >> WORD_SHIFT);
  const head = Atomics.load(header, RingWord.head >> WORD_SHIFT);
  const tail = Atomics.load(header, RingWord.tail >> WORD_SHIFT);
  return isDistance((head - tail) >>> 0, capacity);
}

function isDistance(used: number, capacity: number): boolean {
  return used <= capacity && (used & (WORD_BYTES - 1)) === 0;
}

/** What both ends of a ring see: a view of its memory, and nothing of it believed. */
class RingView {
  readonly capacity: number;
  protected readonly header: Int32Array<ArrayBuffer>;
  /** The second word of each record, but for its kind. */
  protected readonly stamp: number;
  protected readonly words: Uint32Array<ArrayBuffer>;
  protected readonly data: Uint8Array<ArrayBuffer>;

  constructor(buffer: ArrayBuffer, offset: number, capacity: number, generation: number) {
    if (!isRingCapacity(capacity)) {
      throw new RangeError(
        `Cannot make a ring of ${capacity} bytes: a power of two from ${RING_CAPACITY.min} to ` +
          `${RING_CAPACITY.max} is needed`,
      );
    }
    this.capacity = capacity;
    this.header = new Int32Array(buffer, offset, RING_HEADER_BYTES >> WORD_SHIFT);
    this.stamp = (generation << KIND_BITS) >>> 0;
    this.words = new Uint32Array(buffer, offset + RING_HEADER_BYTES, capacity >> WORD_SHIFT);
    this.data = new Uint8Array(buffer, offset + RING_HEADER_BYTES, capacity);
  }

  /** Bytes between two counters, as the other end would have it. @throws {SegmentCorruptError} */
  protected distance(head: number, tail: number): number {
    const used = (head - tail) >>> 0;
    if (isDistance(used, this.capacity)) return used;
    throw new SegmentCorruptError(
      `Cannot use a ring: ${used} bytes are said to be in a ring of ${this.capacity}`,
    );
  }

  protected load(word: number): number {
    return Atomics.load(this.header, word >> WORD_SHIFT);
  }

  protected store(word: number, value: number): void {
    Atomics.store(this.header, word >> WORD_SHIFT, value);
  }

  // The plain look first: the flag is clear nearly always, and an exchange takes the cache line.
  protected takeFlag(word: number): boolean {
    return this.load(word) !== 0 && Atomics.exchange(this.header, word >> WORD_SHIFT, 0) !== 0;
  }
}

/**
 * The writing end of a byte ring between one producer and one consumer.
 *
 * A record is a header of 8 bytes and its own bytes, padded to 4; it may run over the ring's end to
 * its start. The header says of which generation it is: one that an earlier life left is refused.
 * Only the other end's counter is ever read from the memory; one's own is kept here.
 */
export class RingProducer extends RingView {
  #head: number;
  /** The consumer's counter when it was last looked at: looking takes its cache line away from it. */
  #seenTail: number;

  constructor(buffer: ArrayBuffer, offset: number, capacity: number, generation = 0) {
    super(buffer, offset, capacity, generation);
    this.#head = this.load(RingWord.head);
    this.#seenTail = this.load(RingWord.tail);
  }

  /** The longest record, in bytes. */
  get maxRecord(): number {
    return this.capacity - RECORD_HEADER_BYTES;
  }

  /**
   * Appends a record, unless there is no room for it now.
   *
   * @returns Whether the record was taken.
   * @throws {MessageTooLargeError} when it can never fit.
   * @throws {SegmentCorruptError} when the consumer's counter makes no sense.
   */
  push(record: Uint8Array, kind: RecordKind = RecordKind.whole): boolean {
    const length = record.length;
    if (length > this.maxRecord) throw new MessageTooLargeError(length, this.maxRecord);
    const need = paddedRecord(length);
    if (!this.#hasRoom(need)) return false;

    const head = this.#head;
    const start = head & (this.capacity - 1);
    const second = (start + WORD_BYTES) & (this.capacity - 1);
    const body = (start + RECORD_HEADER_BYTES) & (this.capacity - 1);
    this.words[start >>> WORD_SHIFT] = length;
    this.words[second >>> WORD_SHIFT] = this.stamp | kind;
    const untilEnd = this.capacity - body;
    if (length <= untilEnd) {
      this.data.set(record, body);
    } else {
      this.data.set(record.subarray(0, untilEnd), body);
      this.data.set(record.subarray(untilEnd), 0);
    }
    this.#head = (head + need) | 0;
    this.store(RingWord.head, this.#head);
    return true;
  }

  /** Says that the producer is about to sleep until there is room; look again before sleeping. */
  announceSleep(): void {
    this.store(RingWord.producerAsleep, 1);
  }

  /** Whether the consumer sleeps and is now to be woken by the caller. */
  takeConsumerSleep(): boolean {
    return this.takeFlag(RingWord.consumerAsleep);
  }

  #hasRoom(need: number): boolean {
    if (need <= this.capacity - this.distance(this.#head, this.#seenTail)) return true;
    this.#seenTail = this.load(RingWord.tail);
    return need <= this.capacity - this.distance(this.#head, this.#seenTail);
  }
}

/** The reading end of a byte ring between one producer and one consumer. */
export class RingConsumer extends RingView {
  #tail: number;
  /** The producer's counter when it was last looked at: looking takes its cache line away from it. */
  #seenHead: number;
  #kind: RecordKind = RecordKind.whole;

  constructor(buffer: ArrayBuffer, offset: number, capacity: number, generation = 0) {
    super(buffer, offset, capacity, generation);
    this.#tail = this.load(RingWord.tail);
    this.#seenHead = this.#tail;
  }

  /** Whether nothing is there to read. */
  get empty(): boolean {
    return this.#seenHead === this.#tail && this.load(RingWord.head) === this.#tail;
  }

  /** What the record last taken out is. */
  get kind(): RecordKind {
    return this.#kind;
  }

  /**
   * Takes the oldest record out: a copy of its own, or null when there is none.
   *
   * @throws {SegmentCorruptError} when the producer's counter or a record's header makes no sense, or
   * the record is of another generation.
   */
  pop(): Uint8Array<ArrayBuffer> | null {
    const tail = this.#tail;
    if (this.#seenHead === tail) this.#seenHead = this.load(RingWord.head);
    const available = this.distance(this.#seenHead, tail);
    if (available === 0) return null;

    const start = tail & (this.capacity - 1);
    // Read once: the other end could change it between a check and its use.
    const length = this.words[start >>> WORD_SHIFT] ?? 0;
    if (length > available - RECORD_HEADER_BYTES || paddedRecord(length) > available) {
      throw new SegmentCorruptError(
        `Cannot read a record of ${length} bytes: the ring holds ${available}`,
      );
    }
    this.#kind = this.#kindOf(
      this.words[((start + WORD_BYTES) & (this.capacity - 1)) >>> WORD_SHIFT],
    );
    const record = this.#copy((start + RECORD_HEADER_BYTES) & (this.capacity - 1), length);
    this.#tail = (tail + paddedRecord(length)) | 0;
    this.store(RingWord.tail, this.#tail);
    return record;
  }

  /** Says that the consumer is about to sleep until a record comes; look again before sleeping. */
  announceSleep(): void {
    this.store(RingWord.consumerAsleep, 1);
  }

  /**
   * Whether the producer sleeps and is now to be woken by the caller: not before half of the ring
   * is free, as it would fall asleep again after one more record. Ask after each `pop`.
   */
  takeProducerSleep(): boolean {
    if (this.load(RingWord.producerAsleep) === 0) return false;
    this.#seenHead = this.load(RingWord.head);
    return this.distance(this.#seenHead, this.#tail) <= this.capacity >> 1 &&
      this.takeFlag(RingWord.producerAsleep);
  }

  #kindOf(second = 0): RecordKind {
    const kind = (second ^ this.stamp) >>> 0;
    switch (kind) {
      case RecordKind.whole:
      case RecordKind.part:
      case RecordKind.takeover:
        return kind;
    }
    throw new SegmentCorruptError(
      `Cannot read a record marked ${second}: its generation or its kind is not what it should be`,
    );
  }

  #copy(body: number, length: number): Uint8Array<ArrayBuffer> {
    const record = records.take(length);
    const untilEnd = this.capacity - body;
    if (length <= untilEnd) {
      record.set(this.data.subarray(body, body + length));
      return record;
    }
    record.set(this.data.subarray(body), 0);
    record.set(this.data.subarray(0, length - untilEnd), untilEnd);
    return record;
  }
}

function paddedRecord(length: number): number {
  return (RECORD_HEADER_BYTES + length + WORD_BYTES - 1) & ~(WORD_BYTES - 1);
}
