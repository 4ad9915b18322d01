import type { Bell, Rings } from "./channel.ts";
import { SegmentCorruptError } from "./errors.ts";
import { Assembly } from "./parts.ts";
import { RecordIterator } from "./record_iterator.ts";
import { RecordKind, type RingConsumer } from "./ring.ts";
import { Spin } from "./spin.ts";

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
      if (!this.#urgent.empty) return this.takeUrgent();
      const record = this.#pop(this.#ordinary);
      if (record === null || this.#ordinary.kind === RecordKind.whole) return record;
      const message = this.#assembly.add(record);
      if (message !== null) return message;
    }
  }

  /** The oldest urgent message, or null when there is none. @throws {SegmentCorruptError} */
  takeUrgent(): Uint8Array<ArrayBuffer> | null {
    if (this.#closed) return null;
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
    this.#spin.slept(performance.now() - since);
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

  #pop(ring: RingConsumer): Uint8Array<ArrayBuffer> | null {
    const record = ring.pop();
    if (record !== null && ring.takeProducerSleep()) this.#peer.ring();
    return record;
  }
}
