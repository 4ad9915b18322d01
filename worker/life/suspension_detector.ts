/** One that has not run for this long was stopped, in milliseconds: clients wait longer for a sign of life. */
const STOPPED_MS = 1000;

/** How long there may be something to read that came before it went on, in milliseconds. */
const AFTERMATH_MS = 5000;

/**
 * Notices that this process did not run for a while, because of SIGSTOP for instance. What it reads then
 * may have come long ago, and its sender have gone elsewhere with it.
 */
export class SuspensionDetector {
  readonly #now: () => number;
  #lastSeen: number;
  #wentOnAt = -Infinity;

  /** @param now Milliseconds of a clock that goes on meanwhile. */
  constructor(now: () => number = Date.now) {
    this.#now = now;
    this.#lastSeen = now();
  }

  /** Takes note that it runs; to be called several times a second. */
  note(): void {
    const now = this.#now();
    if (now - this.#lastSeen >= STOPPED_MS) this.#wentOnAt = now;
    this.#lastSeen = now;
  }

  /** Whether it was stopped a moment ago. */
  get recent(): boolean {
    this.note();
    return this.#lastSeen - this.#wentOnAt < AFTERMATH_MS;
  }
}
