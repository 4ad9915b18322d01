import type { Bell } from "./channel.ts";
import { RecordIterator } from "./record_iterator.ts";
import type { RingConsumer } from "./ring.ts";
import { Spin } from "./spin.ts";

/** The receiving half of a channel: a ring, and the sleep until something is in it. */
export class Receiver implements Disposable {
  readonly #ring: RingConsumer;
  readonly #own: Bell;
  readonly #peer: Bell;
  readonly #spin = new Spin();
  readonly #filled = () => !this.#ring.empty;
  #iterating = false;
  #closed = false;

  constructor(ring: RingConsumer, own: Bell, peer: Bell) {
    this.#ring = ring;
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

  /** The oldest record, or null when there is none. @throws {SegmentCorruptError} */
  take(): Uint8Array<ArrayBuffer> | null {
    const record = this.#ring.pop();
    if (record !== null && this.#ring.takeProducerSleep()) this.#peer.ring();
    return record;
  }

  /** Waits for a record, or for being woken; whether everything else got its turn meanwhile. */
  async sleep(): Promise<boolean> {
    if (this.#spin.until(this.#filled)) return false;
    this.#ring.announceSleep();
    if (!this.#ring.empty) return false;
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
}
