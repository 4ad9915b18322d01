/** Delays in milliseconds. */
export interface BackoffOptions {
  /** Delay after the first failure. */
  baseMs?: number;
  /** No delay is longer. */
  maxMs?: number;
  /** A run that lasted this long clears the record. */
  stableMs?: number;
  /** Random numbers from 0 up to 1, for the jitter. */
  random?: () => number;
}

/**
 * How long to wait before something that ended is started again: twice as long every time, less up
 * to half of it at random, so that workers which died together do not come back together.
 */
export class Backoff {
  readonly #baseMs: number;
  readonly #maxMs: number;
  readonly #stableMs: number;
  readonly #random: () => number;
  #failures = 0;

  constructor(options: BackoffOptions = {}) {
    this.#baseMs = options.baseMs ?? 100;
    this.#maxMs = options.maxMs ?? 30_000;
    this.#stableMs = options.stableMs ?? 10_000;
    this.#random = options.random ?? Math.random;
  }

  /**
   * Records the end of a run.
   *
   * @param ranMs How long it had been up and running; 0 if it never came up.
   * @returns How long to wait, in milliseconds.
   */
  next(ranMs: number): number {
    if (ranMs >= this.#stableMs) this.#failures = 0;
    const full = Math.min(this.#baseMs * 2 ** this.#failures, this.#maxMs);
    this.#failures++;
    return full * (1 - this.#random() / 2);
  }
}
