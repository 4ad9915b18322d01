/** The longest wait, in milliseconds: the system's clock may be set meanwhile. */
const LONGEST_WAIT_MS = 60_000;

/** Looks when tokens expire, and says so then. */
export class ExpiryClock implements Disposable {
  readonly #nextExpiry: (nowMs: number) => number;
  readonly #onExpiry: () => void;
  #next = Infinity;
  #timer: ReturnType<typeof setTimeout> | undefined;

  /**
   * @param nextExpiry When the next one expires that has not by then; `Infinity` if none does.
   * @param onExpiry Is called when it may have.
   */
  constructor(nextExpiry: (nowMs: number) => number, onExpiry: () => void) {
    this.#nextExpiry = nextExpiry;
    this.#onExpiry = onExpiry;
  }

  /** Looks anew when the next one expires. */
  set(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const now = Date.now();
    this.#next = this.#nextExpiry(now);
    if (this.#next === Infinity) return;
    this.#timer = setTimeout(() => this.#look(), Math.min(this.#next - now, LONGEST_WAIT_MS));
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#timer);
  }

  #look(): void {
    if (Date.now() >= this.#next) this.#onExpiry();
    this.set();
  }
}
