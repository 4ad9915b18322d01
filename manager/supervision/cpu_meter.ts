/** Turns a counter of CPU time into a share of one core. */
export class CpuMeter {
  readonly #windowMs: number;
  #sinceMs: number;
  #sinceMicros = 0;
  #percent = 0;

  /**
   * @param nowMs Now, on any monotonic clock.
   * @param windowMs Over how long to average.
   */
  constructor(nowMs: number, windowMs = 1000) {
    this.#sinceMs = nowMs;
    this.#windowMs = windowMs;
  }

  /** Counts from here, where a process has run before. */
  begin(nowMs: number, cpuMicros: number): void {
    this.#sinceMs = nowMs;
    this.#sinceMicros = cpuMicros;
  }

  /** Takes note of the counter, in microseconds of CPU time since the process began. */
  sample(nowMs: number, cpuMicros: number): void {
    const elapsedMs = nowMs - this.#sinceMs;
    if (elapsedMs < this.#windowMs) return;
    const usedMs = Math.max(0, cpuMicros - this.#sinceMicros) / 1000;
    this.#percent = Math.round(usedMs / elapsedMs * 1000) / 10;
    this.#sinceMs = nowMs;
    this.#sinceMicros = cpuMicros;
  }

  /** Share of one core over the last full window, in percent. */
  get percent(): number {
    return this.#percent;
  }
}
