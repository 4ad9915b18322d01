/** How long a burst is, in milliseconds of the rate: timers are not much finer. */
const BURST_MS = 2;

/** And in bytes, at least: two packets. */
const LEAST_BURST = 2400;

/** So many bursts may go at once where a timer came late. */
const LATE = 4;

/** A timer waits for so long at least, in milliseconds. */
const LEAST_WAIT_MS = 1;

/** Spreads what is sent over time: in bursts of two milliseconds, and no faster than a rate. */
export class Pace {
  #rate = Infinity;
  #allowance = 0;
  #atMs = 0;
  /** Whether it was too early when it was last asked. */
  #early = false;

  /** In bytes per millisecond; at first there is no limit. */
  set rate(rate: number) {
    this.#rate = rate;
  }

  /**
   * How many bytes may be sent now; 0 while it is less than half a burst. Who has had nothing to send may send
   * a burst, and no more.
   *
   * @param nowMs In milliseconds of any clock.
   */
  allowance(nowMs: number): number {
    if (this.#rate === Infinity) return Infinity;
    const earned = (nowMs - this.#atMs) * this.#rate;
    const most = this.#early ? LATE * this.#burst : this.#burst;
    this.#atMs = nowMs;
    this.#allowance = Math.min(this.#allowance + earned, most);
    this.#early = this.#allowance < this.#burst / 2;
    return this.#early ? 0 : this.#allowance;
  }

  spend(bytes: number): void {
    if (this.#rate !== Infinity) this.#allowance -= bytes;
  }

  /** In how many milliseconds a burst may be sent. */
  get waitMs(): number {
    return Math.max(LEAST_WAIT_MS, (this.#burst - this.#allowance) / this.#rate);
  }

  get #burst(): number {
    return Math.max(BURST_MS * this.#rate, LEAST_BURST);
  }
}
