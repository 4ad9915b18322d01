import type { ByteSink } from "./byte_sink.ts";

/** One buffer, and the send that last used it. */
interface Slot {
  buffer: Uint8Array;
  sent: Promise<void>;
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
   * Waits for a buffer that may be filled, and then sent with {@linkcode send}.
   *
   * @throws The error of a send that failed.
   */
  async take(): Promise<Uint8Array> {
    const slot = this.#slots[this.#next];
    await slot?.sent;
    this.#throwFailure();
    if (slot !== undefined) return slot.buffer;
    const buffer = new Uint8Array(this.#bufferLength);
    this.#slots[this.#next] = { buffer, sent: Promise.resolve() };
    return buffer;
  }

  /**
   * Sends a part of the buffer that was taken last.
   *
   * @param onSent Is told how many bytes have been sent in all.
   */
  send(data: Uint8Array, onSent: (bytes: number) => void, options?: { fin: boolean }): void {
    const slot = this.#slots[this.#next];
    if (slot === undefined) throw new Error("Cannot send from a buffer that was not taken");
    this.#next = (this.#next + 1) % this.#size;
    slot.sent = this.#sink.send(data, options)
      .then(() => onSent(this.#bytes += data.length))
      .catch((error: unknown) => {
        this.#failure ??= { error };
      });
  }

  /**
   * Waits until nothing is in flight.
   *
   * @throws The error of the first send that failed.
   */
  async settle(): Promise<void> {
    await Promise.all(this.#slots.map((slot) => slot.sent));
    this.#throwFailure();
  }

  #throwFailure(): void {
    if (this.#failure !== undefined) throw this.#failure.error;
  }
}
