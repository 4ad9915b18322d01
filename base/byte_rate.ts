/** What was not used is kept for so long, in milliseconds. */
const KEPT_MS = 250;

/** What is taken at once is what may go in this time, in milliseconds, so that others come in between. */
const PIECE_MS = 50;

const LEAST_PIECE = 4096;

/**
 * How many bytes there may be in a second, in both directions together. Whoever takes some may have to wait
 * until those before are paid for, first come, first served: nothing is refused, and nothing is lost.
 */
export class ByteRate {
  readonly #msPerByte: number;
  readonly #now: () => number;
  /** When all that was taken is paid for. */
  #paidAt = 0;
  /** How many bytes are to be taken at once, at most. */
  readonly pieceBytes: number;

  /**
   * @param perSecond At least 1.
   * @param now A monotonic clock, in milliseconds.
   */
  constructor(perSecond: number, now: () => number = () => performance.now()) {
    this.#msPerByte = 1000 / perSecond;
    this.#now = now;
    this.pieceBytes = Math.max(LEAST_PIECE, Math.floor(perSecond * PIECE_MS / 1000));
  }

  /** Takes bytes. @returns For how long to wait before they may go, in milliseconds. */
  take(bytes: number): number {
    const now = this.#now();
    const from = Math.max(this.#paidAt, now - KEPT_MS);
    this.#paidAt = from + bytes * this.#msPerByte;
    return Math.max(0, from - now);
  }
}
