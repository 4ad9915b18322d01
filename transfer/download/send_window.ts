import type { ByteSink } from "../byte_sink.ts";
import { LEAST_BYTES, type SendLender } from "./send_budget.ts";

/** So many buffers there are in any case: one is filled while the other is sent. */
const FEWEST = 2;

/** Length of a buffer for which nothing is lent, in bytes. */
const SMALL_LENGTH = LEAST_BYTES / FEWEST;

/** One buffer, and the send that last used it. */
interface Slot {
  buffer: Uint8Array;
  /** How much is lent for it. */
  lent: number;
  /** Settles when that send is over, if there was one that is not over yet; never rejects. */
  sending: Promise<void> | undefined;
}

/** How large a {@linkcode SendWindow} is. */
export interface SendWindowOptions {
  /** How many buffers, at most, where nothing is known of the path; they are made when they are needed. */
  fewest: number;
  /** How many where it takes so many to fill it. */
  most: number;
  /** How long they are, in bytes; shorter where so much is not lent. */
  length: number;
  lender: SendLender;
}

/**
 * A few buffers that are sent in turn. A buffer is not given out again before its bytes were sent: that is
 * the back-pressure, and what bounds the memory.
 */
export class SendWindow {
  readonly #sink: ByteSink;
  readonly #options: SendWindowOptions;
  readonly #smallLength: number;
  /** All of them: free ones, those that were taken, those that are being sent. */
  readonly #slots: Slot[] = [];
  readonly #free: Slot[] = [];
  readonly #taken: Slot[] = [];
  readonly #inFlight: Slot[] = [];
  #bytes = 0;
  #failure: { error: unknown } | undefined;

  constructor(sink: ByteSink, options: SendWindowOptions) {
    this.#sink = sink;
    this.#options = options;
    this.#smallLength = Math.min(SMALL_LENGTH, options.length);
  }

  /** Whether a send has failed. */
  get failed(): boolean {
    return this.#failure !== undefined;
  }

  /**
   * The next buffer, which may be filled, and then sent with {@linkcode send}; a promise of it if it is not
   * free yet. One more may be taken before the one before it is sent.
   *
   * @throws The error of a send that failed; the promise rejects with it.
   */
  take(): Uint8Array | Promise<Uint8Array> {
    const slot = this.#free.shift() ?? this.#add();
    if (slot !== undefined) {
      this.#taken.push(slot);
      return this.#whileSound(slot);
    }
    const oldest = this.#inFlight.shift();
    if (oldest?.sending === undefined) throw new Error("Cannot take more buffers than there are");
    this.#taken.push(oldest);
    return oldest.sending.then(() => this.#whileSound(oldest));
  }

  /**
   * Sends a part of the buffer that was taken first of those not sent yet.
   *
   * @param onSent Is told how many bytes have been sent in all.
   */
  send(data: Uint8Array, onSent: (bytes: number) => void, options?: { fin: boolean }): void {
    const slot = this.#taken.shift();
    if (slot === undefined) throw new Error("Cannot send from a buffer that was not taken");
    this.#inFlight.push(slot);
    slot.sending = this.#sink.send(data, options)
      .then(() => {
        this.#options.lender.noteProgress();
        onSent(this.#bytes += data.length);
      })
      .catch((error: unknown) => {
        this.#failure ??= { error };
      })
      .finally(() => {
        slot.sending = undefined;
        const index = this.#inFlight.indexOf(slot);
        if (index < 0) return; // somebody waits for it
        this.#inFlight.splice(index, 1);
        this.#free.push(slot);
      });
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

  /** How many buffers there may be now. */
  get #count(): number {
    const { fewest, most, length } = this.#options;
    const wanted = Math.ceil((this.#sink.idealBytes ?? 0) / length);
    return Math.min(Math.max(fewest, wanted), most);
  }

  /** One more buffer; `undefined` if there are enough, or nothing is lent for it. */
  #add(): Slot | undefined {
    const { length, lender } = this.#options;
    const count = this.#count;
    if (this.#slots.length >= count) return undefined;
    const small = length === this.#smallLength;
    const large = !small && lender.lend(length);
    if (!large && this.#slots.length >= (small ? count : FEWEST)) return undefined;
    const buffer = new Uint8Array(large ? length : this.#smallLength);
    const slot = { buffer, lent: large ? length : 0, sending: undefined };
    this.#slots.push(slot);
    return slot;
  }

  /** Gives a buffer out, in another size if there is more to be had now, or less. */
  #whileSound(slot: Slot): Uint8Array {
    this.#throwFailure();
    const { length, lender } = this.#options;
    if (slot.lent > 0 && lender.crowded) {
      lender.giveBack(slot.lent);
      slot.lent = 0;
      slot.buffer = new Uint8Array(this.#smallLength);
    } else if (slot.buffer.length < length && lender.lend(length)) {
      slot.lent = length;
      slot.buffer = new Uint8Array(length);
    }
    return slot.buffer;
  }

  #throwFailure(): void {
    if (this.#failure !== undefined) throw this.#failure.error;
  }
}
