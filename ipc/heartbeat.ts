/** The side of a heartbeat that beats: one 32-bit word in shared memory that changes. */
export class Heartbeat {
  readonly #word: Int32Array<ArrayBuffer>;

  constructor(buffer: ArrayBuffer, offset: number) {
    this.#word = new Int32Array(buffer, offset, 1);
  }

  /** Beats. */
  beat(): void {
    Atomics.add(this.#word, 0, 1);
  }

  /** Shows a count of the caller's own, of which the low 32 bits are kept; it beats by changing. */
  show(count: number): void {
    Atomics.store(this.#word, 0, count | 0);
  }
}

/**
 * The side of a heartbeat that looks.
 *
 * No time is kept in the shared memory, so no clock of another process, and no jump of the wall
 * clock, can mislead: the age counts from when this reader last saw the word change.
 */
export class HeartbeatReader {
  readonly #word: Int32Array<ArrayBuffer>;
  readonly #now: () => number;
  #last: number;
  #seenAt: number;

  /** @param now A monotonic clock, milliseconds. */
  constructor(buffer: ArrayBuffer, offset: number, now: () => number = performanceNow) {
    this.#word = new Int32Array(buffer, offset, 1);
    this.#now = now;
    this.#last = Atomics.load(this.#word, 0);
    this.#seenAt = now();
  }

  /**
   * Milliseconds since a beat was last seen, or since this reader began when there was none yet.
   *
   * A beat is seen by looking, so the age is too small by up to the time between two looks: look
   * at least as often as the answer should be exact.
   */
  get ageMs(): number {
    const now = this.#now();
    const beat = Atomics.load(this.#word, 0);
    if (beat !== this.#last) {
      this.#last = beat;
      this.#seenAt = now;
    }
    return now - this.#seenAt;
  }
}

function performanceNow(): number {
  return performance.now();
}
