import { InvalidParametersError } from "./parameters.ts";
import type { WorkerStatus } from "./status_report.ts";

/** What the commands that change workers answer: the workers concerned, as they are then. */
export interface WorkersResult {
  workers: WorkerStatus[];
}

/** The longest that workers may be given to leave: a day, in milliseconds. */
const MAX_DEADLINE_MS = 24 * 60 * 60 * 1000;

/**
 * Checks how long workers are given to leave.
 *
 * @throws {InvalidParametersError} If it is negative or longer than a day.
 */
export function checkDeadline(command: string, ms: number | undefined): number | undefined {
  if (ms === undefined || (ms >= 0 && ms <= MAX_DEADLINE_MS)) return ms;
  throw new InvalidParametersError(
    `Cannot run ${command}: parameter "deadlineMs" must be between 0 and ${MAX_DEADLINE_MS}`,
  );
}
