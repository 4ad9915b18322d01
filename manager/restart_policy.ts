/** When and how a worker that has died is started again. */
export interface RestartPolicy {
  /**
   * Delay after the first run that was not stable, in milliseconds; doubled with every further one. After
   * a stable run there is none.
   */
  readonly initialDelayMs: number;
  /** No delay is longer, in milliseconds. */
  readonly maxDelayMs: number;
  /** Up to which share of a delay is taken off at random: from 0, none, to 1, all of it. */
  readonly jitter: number;
  /** A run that lasted this long, in milliseconds, is stable: the delays begin anew. */
  readonly stableAfterMs: number;
  /** How many restarts there may be within `periodMs`; one more, and the worker is given up. */
  readonly intensity: number;
  /** In milliseconds. */
  readonly periodMs: number;
  /** Exit codes that say that another start would be of no use. */
  readonly doNotRestartExitCodes: readonly number[];
}

/** What holds where nothing else is said. */
export const DEFAULT_RESTART_POLICY: RestartPolicy = {
  initialDelayMs: 100,
  maxDelayMs: 30_000,
  jitter: 0.5,
  stableAfterMs: 10_000,
  intensity: 10,
  periodMs: 60_000,
  doNotRestartExitCodes: [],
};
