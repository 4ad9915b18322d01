import { ChannelClosedError, MessageTooLargeError } from "./errors.ts";
import type { Bell } from "./channel.ts";
import type { RingProducer } from "./ring.ts";

const SENT = Promise.resolve();

/** The sending half of a channel: a ring, and a queue of those who wait for room in it. */
export class Sender implements Disposable {
  readonly #ring: RingProducer;
  readonly #own: Bell;
  readonly #peer: Bell;
  #last: Promise<unknown> = SENT;
  #waiting = 0;
  #closed = false;

  constructor(ring: RingProducer, own: Bell, peer: Bell) {
    this.#ring = ring;
    this.#own = own;
    this.#peer = peer;
  }

  /** See `Channel.send`. */
  send(record: Uint8Array): Promise<void> {
    try {
      if (this.#waiting === 0 && this.#tryPush(record)) return SENT;
    } catch (error) {
      return Promise.reject(error);
    }
    return this.#sendInTurn(record);
  }

  /** Refuses what comes; what waits is refused when the bell wakes it. */
  [Symbol.dispose](): void {
    this.#closed = true;
  }

  #tryPush(record: Uint8Array): boolean {
    if (this.#closed) throw new ChannelClosedError();
    if (!this.#ring.push(record)) return false;
    if (this.#ring.takeConsumerSleep()) this.#peer.ring();
    return true;
  }

  async #sendInTurn(record: Uint8Array): Promise<void> {
    const { maxRecord } = this.#ring;
    if (record.length > maxRecord) throw new MessageTooLargeError(record.length, maxRecord);
    this.#waiting++;
    const turn = this.#pushAfter(this.#last, record);
    // Only the order is kept by it: the failure is for the caller.
    this.#last = Promise.allSettled([turn]);
    try {
      await turn;
    } finally {
      this.#waiting--;
    }
  }

  async #pushAfter(others: Promise<unknown>, record: Uint8Array): Promise<void> {
    await others;
    while (!this.#tryPush(record)) {
      this.#ring.announceSleep();
      if (this.#tryPush(record)) return;
      await this.#own.wait();
    }
  }
}
