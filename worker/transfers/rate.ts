/** Over how long a rate is told, in milliseconds. */
const WINDOW_MS = 5000;

/** How far apart samples are at least, in milliseconds. */
const STEP_MS = 1000;

interface Sample {
  readonly at: number;
  readonly bytes: number;
}

/** How fast a transfer comes further: over the last five seconds, or since it began. */
export class Rate {
  /** Those of the window and the one before it; the oldest first. */
  readonly #samples: Sample[];
  #latest: Sample;

  /**
   * @param bytes How far it is when it begins.
   * @param nowMs Now, on any monotonic clock, as everywhere here.
   */
  constructor(bytes: number, nowMs: number) {
    this.#latest = { at: nowMs, bytes };
    this.#samples = [this.#latest];
  }

  /** It has come so far. */
  note(bytes: number, nowMs: number): void {
    this.#latest = { at: nowMs, bytes };
    if (nowMs - (this.#samples.at(-1)?.at ?? -Infinity) < STEP_MS) return;
    this.#samples.push(this.#latest);
    while ((this.#samples[1]?.at ?? Infinity) < nowMs - WINDOW_MS) this.#samples.shift();
  }

  /** Bytes per second. */
  perSecond(nowMs: number): number {
    const from = nowMs - WINDOW_MS;
    // Nothing has come since: what came within the window came behind the last sample before it.
    const base = this.#samples.findLast(({ at }) => at <= from) ?? this.#samples[0] ?? this.#latest;
    const ms = nowMs - Math.max(base.at, from);
    return ms > 0 ? Math.round((this.#latest.bytes - base.bytes) * 1000 / ms) : 0;
  }
}
