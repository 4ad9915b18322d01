/** The longest time that `setTimeout` takes: nearly 25 days. */
const MAX_TIMER_MS = 2 ** 31 - 1;

/** Why a worker leaves. */
export type DepartureReason =
  /** The manager said so. */
  | "stop"
  /** The system said so, with SIGTERM. */
  | "terminated"
  /** The manager is gone. */
  | "manager-lost"
  /** There is hardly any memory left. */
  | "memory"
  /** Something happened that must not: see the log. */
  | "fault";

/** The end of a worker's life: when it begins, why, and how long it may take. */
export class Departure implements Disposable {
  readonly #begun = Promise.withResolvers<DepartureReason>();
  readonly #now = new AbortController();
  #timer: ReturnType<typeof setTimeout> | undefined;
  #endsAt = Infinity;
  #failed = false;

  /** Resolves with the first reason to leave. */
  get begun(): Promise<DepartureReason> {
    return this.#begun.promise;
  }

  /** Aborts when there is no more time to finish anything. */
  get now(): AbortSignal {
    return this.#now.signal;
  }

  /** How long what is under way may still go on, in milliseconds. */
  get remainingMs(): number {
    const left = Math.min(this.#endsAt - performance.now(), Number.MAX_SAFE_INTEGER);
    return Math.max(0, Math.round(left));
  }

  /** Whether it has to do with a fault, or with memory. */
  get failed(): boolean {
    return this.#failed;
  }

  /**
   * Asks to leave. Asking again may shorten the time, never make it longer.
   *
   * @param deadlineMs How long what is under way may go on, in milliseconds.
   */
  request(reason: DepartureReason, deadlineMs: number): void {
    this.#failed ||= reason === "fault" || reason === "memory";
    this.#begun.resolve(reason);
    const endsAt = performance.now() + deadlineMs;
    if (endsAt >= this.#endsAt) return;
    this.#endsAt = endsAt;
    clearTimeout(this.#timer);
    if (deadlineMs <= 0) return this.#now.abort();
    this.#timer = setTimeout(() => this.#now.abort(), Math.min(deadlineMs, MAX_TIMER_MS));
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#timer);
  }
}
