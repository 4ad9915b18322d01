/** How many lines there may be. */
export interface LineLimitOptions {
  /** Lines in a period; 5 if not given. */
  lines?: number;
  /** In milliseconds; 10 seconds if not given. */
  periodMs?: number;
  /**
   * Is called at the end of a period in which there were more lines.
   *
   * @param rest For people: `and 1,234 more like it in the last 10 s`.
   * @param count How many were held back.
   */
  report: (rest: string, count: number) => void;
}

/**
 * Keeps lines that strangers cause from filling the log: some of them are written, the others counted.
 *
 * @example
 * ```ts
 * import { getLogger } from "@logtape/logtape";
 *
 * const logger = getLogger(["msquicd", "worker"]);
 * using turnedAway = new LineLimit({
 *   report: (rest, count) => logger.warning("Connections turned away, {rest}", { rest, count }),
 * });
 * if (turnedAway.admit()) logger.warning("Connection turned away: no hello in time");
 * ```
 */
export class LineLimit implements Disposable {
  readonly #lines: number;
  readonly #periodMs: number;
  readonly #report: (rest: string, count: number) => void;
  #periodStart = -Infinity;
  #written = 0;
  #heldBack = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor({ lines = 5, periodMs = 10_000, report }: LineLimitOptions) {
    this.#lines = lines;
    this.#periodMs = periodMs;
    this.#report = report;
  }

  /** Whether one more line may be written now; if not, it is counted. */
  admit(): boolean {
    const now = performance.now();
    if (this.#timer === undefined && now - this.#periodStart >= this.#periodMs) {
      this.#periodStart = now;
      this.#written = 0;
    }
    if (this.#written < this.#lines) {
      this.#written++;
      return true;
    }
    this.#heldBack++;
    this.#timer ??= this.#setTimer(this.#periodStart + this.#periodMs - now);
    return false;
  }

  /** Reports what is counted, without waiting for the end of the period. */
  [Symbol.dispose](): void {
    clearTimeout(this.#timer);
    this.#endPeriod();
  }

  #setTimer(ms: number): ReturnType<typeof setTimeout> {
    const timer = setTimeout(() => this.#endPeriod(), ms);
    // A process that is done does not stay for it.
    Deno.unrefTimer(Number(timer));
    return timer;
  }

  #endPeriod(): void {
    this.#timer = undefined;
    const count = this.#heldBack;
    if (count === 0) return;
    const seconds = Math.max(1, Math.round((performance.now() - this.#periodStart) / 1000));
    this.#heldBack = 0;
    this.#periodStart = -Infinity;
    this.#report(`and ${count.toLocaleString("en")} more like it in the last ${seconds} s`, count);
  }
}
