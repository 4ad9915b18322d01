/** A time limit as a signal, whose timer is gone once it is disposed. */
export class Deadline implements Disposable {
  readonly #controller = new AbortController();
  readonly #timer: ReturnType<typeof setTimeout>;
  /** Aborts when the time is over, or when the outer signal does. */
  readonly signal: AbortSignal;

  /**
   * @param ms How long, in milliseconds.
   * @param reason Makes the reason to abort with when the time is over.
   * @param outer A signal to follow as well.
   */
  constructor(ms: number, reason: () => Error, outer?: AbortSignal) {
    this.#timer = setTimeout(() => this.#controller.abort(reason()), ms);
    const own = this.#controller.signal;
    this.signal = outer === undefined ? own : AbortSignal.any([own, outer]);
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#timer);
  }
}
