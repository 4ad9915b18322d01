import type { Bell, Rings } from "./rings.ts";
import { SegmentCorruptError } from "./errors.ts";
import { Assembly } from "./parts.ts";
import { RecordIterator } from "./record_iterator.ts";
import { RecordKind, type RingConsumer } from "./ring.ts";
import { Spin } from "./spin.ts";

/** Length of the record that says which end takes over. */
const EPOCH_BYTES = 4;

/** The receiving half of a channel: the rings, and the sleep until something is in them. */
export class Receiver implements Disposable {
  readonly #urgent: RingConsumer;
  readonly #ordinary: RingConsumer;
  readonly #own: Bell;
  readonly #peer: Bell;
  readonly #spin = new Spin();
  readonly #assembly = new Assembly();
  readonly #filled = () => !this.#ordinary.empty || !this.#urgent.empty;
  #iterating = false;
  #closed = false;
  /** What is read is of no interest before the record of this epoch. */
  #awaited: number | undefined;

  /** Is called with the record that says that the peer was replaced; without it, there is to be none. */
  onTakeover: ((record: Uint8Array) => void) | undefined;

  constructor(rings: Rings<RingConsumer>, own: Bell, peer: Bell) {
    this.#urgent = rings.urgent;
    this.#ordinary = rings.ordinary;
    this.#own = own;
    this.#peer = peer;
  }

  get closed(): boolean {
    return this.#closed;
  }

  /** See `Channel.records`. */
  records(signal?: AbortSignal): RecordIterator {
    return new RecordIterator(this, signal);
  }

  /** Drops everything up to the peer's record of this epoch. See `Channel.takeOver`. */
  ignoreUntil(epoch: number): void {
    this.#awaited = epoch;
  }

  /** Reserves the receiver for one iteration. */
  begin(): void {
    if (this.#iterating) throw new Error("Cannot receive: the messages are being received already");
    this.#iterating = true;
  }

  /** Gives it free for the next. */
  end(): void {
    this.#iterating = false;
  }

  /** The oldest urgent message, or else the oldest, or null when there is none. @throws {SegmentCorruptError} */
  take(): Uint8Array<ArrayBuffer> | null {
    for (;;) {
      const urgent = this.takeUrgent();
      if (urgent !== null) return urgent;
      const record = this.#pop(this.#ordinary);
      if (record === null) return null;
      const { kind } = this.#ordinary;
      if (kind === RecordKind.takeover) this.#takeOver(record);
      if (kind === RecordKind.takeover || this.#awaited !== undefined) continue;
      if (kind === RecordKind.whole) return record;
      const message = this.#assembly.add(record);
      if (message !== null) return message;
    }
  }

  /** The oldest urgent message, or null when there is none. @throws {SegmentCorruptError} */
  takeUrgent(): Uint8Array<ArrayBuffer> | null {
    if (this.#closed || this.#urgent.empty) return null;
    if (this.#awaited !== undefined) return this.#dropUrgent();
    const record = this.#pop(this.#urgent);
    if (record === null || this.#urgent.kind === RecordKind.whole) return record;
    throw new SegmentCorruptError("Cannot read an urgent message: it is but a part of one");
  }

  /** Waits for a record, or for being woken; whether everything else got its turn meanwhile. */
  async sleep(): Promise<boolean> {
    if (this.#spin.until(this.#filled)) return false;
    this.#ordinary.announceSleep();
    if (this.#filled()) return false;
    const since = performance.now();
    await this.#own.wait();
    this.#spin.slept(since);
    return true;
  }

  /** Ends a sleep. */
  wake(): void {
    if (!this.#closed) this.#own.ring();
  }

  /** Ends the iteration, once the bell has woken it. */
  [Symbol.dispose](): void {
    this.#closed = true;
  }

  // A cancellation at most, which needs not arrive.
  #dropUrgent(): null {
    while (this.#pop(this.#urgent) !== null);
    return null;
  }

  #takeOver(record: Uint8Array<ArrayBuffer>): void {
    if (record.length !== EPOCH_BYTES) {
      throw new SegmentCorruptError("Cannot read who takes over: the record has a wrong length");
    }
    const epoch = new Uint32Array(record.buffer, record.byteOffset, 1)[0];
    if (this.#awaited !== undefined) {
      // One of another epoch is the answer to an end that came and went before this one.
      if (epoch === this.#awaited) this.#awaited = undefined;
    } else if (this.onTakeover) {
      this.#assembly.clear();
      this.onTakeover(record);
    } else {
      throw new SegmentCorruptError("Cannot go on: the other process says that it was replaced");
    }
  }

  #pop(ring: RingConsumer): Uint8Array<ArrayBuffer> | null {
    const record = ring.pop();
    if (record !== null && ring.takeProducerSleep()) this.#peer.ring();
    return record;
  }
}
