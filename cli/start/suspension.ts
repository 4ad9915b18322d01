import { isOrphan } from "./job_control.ts";

/** How long the terminal may take to show what was written last, in milliseconds. */
const SHOW_MS = 20;

/** How soon after it went on a request to stop is still that of before, in milliseconds. */
const ECHO_MS = 500;

/**
 * Ctrl-Z on a server. Everything that was started together stops: `deno task` hands the signal on in place
 * of stopping, so that the terminal would be left with nobody who takes it back.
 */
export class Suspension implements Disposable {
  /** Is called before it stops. */
  before: () => void = () => {};
  /** Is called where nobody could make it go on. */
  onRefused: () => void = () => {};
  #timer: ReturnType<typeof setTimeout> | undefined;
  #wentOnAt = -Infinity;
  readonly #listener = () => this.suspend();

  constructor() {
    if (Deno.build.os === "linux") Deno.addSignalListener("SIGTSTP", this.#listener);
  }

  /** Stops, until `fg` or `bg`. */
  suspend(): void {
    if (this.#timer !== undefined || performance.now() - this.#wentOnAt < ECHO_MS) return;
    if (isOrphan()) return this.onRefused();
    this.before();
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      Deno.kill(0, "SIGSTOP");
      this.#wentOnAt = performance.now();
    }, SHOW_MS);
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#timer);
    if (Deno.build.os === "linux") Deno.removeSignalListener("SIGTSTP", this.#listener);
  }
}
