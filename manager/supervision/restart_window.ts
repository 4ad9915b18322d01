/** How many restarts there may be in how much time: Erlang's "intensity" and "period". */
export class RestartWindow {
  readonly #intensity: number;
  readonly #periodMs: number;
  readonly #times: number[] = [];

  /**
   * @param intensity How many restarts are allowed within `periodMs`.
   * @param periodMs In milliseconds.
   */
  constructor({ intensity, periodMs }: { intensity: number; periodMs: number }) {
    this.#intensity = intensity;
    this.#periodMs = periodMs;
  }

  /**
   * Asks for one more restart, and counts it.
   *
   * @param nowMs Now, on any monotonic clock.
   * @returns False, if that is one too many.
   */
  admit(nowMs: number): boolean {
    while ((this.#times[0] ?? Infinity) <= nowMs - this.#periodMs) this.#times.shift();
    if (this.#times.length >= this.#intensity) return false;
    this.#times.push(nowMs);
    return true;
  }
}
