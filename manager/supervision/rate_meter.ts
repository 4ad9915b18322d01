/** Turns a counter that only grows into how much it grows in a second. */
export class RateMeter {
  readonly #windowMs: number;
  #sinceMs: number | undefined;
  #since = 0;
  #perSecond = 0;

  /** @param windowMs Over how long to average, in milliseconds. */
  constructor(windowMs = 1000) {
    this.#windowMs = windowMs;
  }

  /** Takes note of the counter. @returns What it grew by in a second, over the last full window. */
  sample(nowMs: number, value: number): number {
    const elapsedMs = nowMs - (this.#sinceMs ?? nowMs);
    if (this.#sinceMs === undefined || value < this.#since || elapsedMs >= this.#windowMs) {
      if (elapsedMs > 0) this.#perSecond = Math.max(0, value - this.#since) / elapsedMs * 1000;
      this.#sinceMs = nowMs;
      this.#since = value;
    }
    return this.#perSecond;
  }
}
