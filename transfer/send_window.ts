import type { ByteSink } from "./byte_sink.ts";

/** One buffer, and the send that last used it. */
interface Slot {
  readonly buffer: Uint8Array;
  /** Settles when that send is over, if there was one that is not over yet; never rejects. */
  sending: Promise<void> | undefined;
}

/**
 * A few buffers that are sent in turn. A buffer is not given out again before its bytes were sent: that is
 * the back-pressure, and what bounds the memory.
 */
export class SendWindow {
  readonly #sink: ByteSink;
  readonly #size: number;
  readonly #bufferLength: number;
  readonly #slots: Slot[] = [];
  #taken = 0;
  #next = 0;
  #bytes = 0;
  #failure: { error: unknown } | undefined;

  /** @param size How many buffers, made when they are needed. */
  constructor(sink: ByteSink, size: number, bufferLength: number) {
    this.#sink = sink;
    this.#size = size;
    this.#bufferLength = bufferLength;
  }

  /** Whether a send has failed. */
  get failed(): boolean {
    return this.#failure !== undefined;
  }

  /**
   * The next buffer, which may be filled, and then sent with {@linkcode send}; a promise of it if it is not
   * free yet. It may be taken before the one before it is sent.
   *
   * @throws The error of a send that failed; the promise rejects with it.
   */
  take(): Uint8Array | Promise<Uint8Array> {
    const index = this.#taken++ % this.#size;
    const slot = this.#slots[index] ??= {
      buffer: new Uint8Array(this.#bufferLength),
      sending: undefined,
    };
    if (slot.sending !== undefined) return slot.sending.then(() => this.#whileSound(slot.buffer));
    return this.#whileSound(slot.buffer);
  }

  /**
   * Sends a part of the buffer that was taken first of those not sent yet.
   *
   * @param onSent Is told how many bytes have been sent in all.
   */
  send(data: Uint8Array, onSent: (bytes: number) => void, options?: { fin: boolean }): void {
    const slot = this.#slots[this.#next];
    if (slot === undefined) throw new Error("Cannot send from a buffer that was not taken");
    this.#next = (this.#next + 1) % this.#size;
    slot.sending = this.#sink.send(data, options)
      .then(() => onSent(this.#bytes += data.length))
      .catch((error: unknown) => {
        this.#failure ??= { error };
      })
      .finally(() => slot.sending = undefined);
  }

  /**
   * Waits until nothing is in flight.
   *
   * @throws The error of the first send that failed.
   */
  async settle(): Promise<void> {
    await Promise.all(this.#slots.map((slot) => slot.sending));
    this.#throwFailure();
  }

  #whileSound(buffer: Uint8Array): Uint8Array {
    this.#throwFailure();
    return buffer;
  }

  #throwFailure(): void {
    if (this.#failure !== undefined) throw this.#failure.error;
  }
}
