/** The longest that a client is told to wait, in milliseconds. */
const LONGEST_WAIT_MS = 10_000;

/**
 * How many requests there may be in a second, as a bucket of tokens: what was not used of a second may be
 * used later, but no more than that.
 *
 * To ask costs a subtraction: the clock is only looked at when the tokens are used up. They are then filled
 * up to half a second's, so that there are never more than a second's at once.
 */
export class RequestRate {
  readonly #perMs: number;
  readonly #most: number;
  readonly #now: () => number;
  #left: number;
  #filledAt: number;
  /** For when the last one that was refused has been told to come again. */
  #promisedAt = 0;

  /**
   * @param perSecond At least 1.
   * @param now A monotonic clock, in milliseconds.
   */
  constructor(perSecond: number, now: () => number = () => performance.now()) {
    this.#perMs = perSecond / 1000;
    this.#most = Math.max(1, perSecond / 2);
    this.#left = this.#most;
    this.#now = now;
    this.#filledAt = now();
  }

  /** Takes a token. @returns Whether there was one. */
  take(): boolean {
    if (this.#left < 1) this.#fill();
    if (this.#left < 1) return false;
    this.#left -= 1;
    return true;
  }

  /**
   * After how many milliseconds one that was refused may come again: a time of its own for each, or all
   * would come at once.
   */
  retryAfterMs(): number {
    const now = this.#now();
    const soonest = now + (1 - this.#left) / this.#perMs;
    const next = Math.max(this.#promisedAt + 1 / this.#perMs, soonest);
    this.#promisedAt = Math.min(next, now + LONGEST_WAIT_MS);
    return Math.ceil(this.#promisedAt - now);
  }

  #fill(): void {
    const now = this.#now();
    const filled = this.#left + (now - this.#filledAt) * this.#perMs;
    this.#left = Math.min(filled, this.#most);
    this.#filledAt = now;
  }
}
