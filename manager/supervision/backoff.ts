import { DEFAULT_RESTART_POLICY, type RestartPolicy } from "../config/restart_policy.ts";

/** What a backoff goes by. */
export type BackoffOptions =
  & Partial<Pick<RestartPolicy, "initialDelayMs" | "maxDelayMs" | "jitter" | "stableAfterMs">>
  & {
    /** Random numbers from 0 up to 1, for the jitter. */
    random?: () => number;
  };

/**
 * How long to wait before something that ended is started again: not at all after a stable run, and from
 * then on twice as long every time, less a part at random, so that workers which keep dying together do
 * not keep coming back together.
 */
export class Backoff {
  readonly #options: Required<BackoffOptions>;
  #failures = 0;

  constructor(options: BackoffOptions = {}) {
    this.#options = { ...DEFAULT_RESTART_POLICY, random: Math.random, ...options };
  }

  /**
   * Records the end of a run.
   *
   * @param ranMs How long it had been up and running; 0 if it never came up.
   * @returns How long to wait, in milliseconds.
   */
  next(ranMs: number): number {
    const { initialDelayMs, maxDelayMs, jitter, stableAfterMs, random } = this.#options;
    if (ranMs >= stableAfterMs) {
      this.#failures = 0;
      return 0;
    }
    const full = Math.min(initialDelayMs * 2 ** this.#failures, maxDelayMs);
    this.#failures++;
    return full * (1 - random() * jitter);
  }
}
