import { checkOptions, checkWhole, InvalidOptionError, type OptionNames } from "../../base/mod.ts";

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

/** Milliseconds of a day: no delay is longer. */
const DAY_MS = 24 * 60 * 60 * 1000;

const ACTION = "Cannot restart workers as configured";

const NAMES: OptionNames<RestartPolicy> = {
  initialDelayMs: true,
  maxDelayMs: true,
  jitter: true,
  stableAfterMs: true,
  intensity: true,
  periodMs: true,
  doNotRestartExitCodes: true,
};

/**
 * Checks a part of a policy. What is undefined in it is left out, so that a default is not replaced by
 * nothing: no number is too many restarts then.
 *
 * @throws {InvalidOptionError} Something in it does not exist, or makes no sense.
 */
export function restartSettings(given: Partial<RestartPolicy> = {}): Partial<RestartPolicy> {
  checkOptions(ACTION, given, NAMES);
  for (const name of ["initialDelayMs", "maxDelayMs", "stableAfterMs"] as const) {
    checkWhole(ACTION, name, given[name], 0, DAY_MS);
  }
  checkWhole(ACTION, "periodMs", given.periodMs, 1, DAY_MS);
  checkWhole(ACTION, "intensity", given.intensity, 0, 10_000);
  const { jitter, doNotRestartExitCodes: codes } = given;
  if (jitter !== undefined && !(jitter >= 0 && jitter <= 1)) {
    throw new InvalidOptionError(`${ACTION}: jitter must be a number from 0 to 1, not ${jitter}`);
  }
  if (codes !== undefined && !(Array.isArray(codes) && codes.every(Number.isInteger))) {
    throw new InvalidOptionError(`${ACTION}: doNotRestartExitCodes must be a list of exit codes`);
  }
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
}
