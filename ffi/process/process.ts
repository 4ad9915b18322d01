import { isPid, type ProcessIdentity } from "../../base/mod.ts";
import * as posix from "./process_posix.ts";

const platform = Deno.build.os === "windows" ? await import("./process_windows.ts") : posix;

/**
 * Whether a process of this id runs. One that has exited and only waits for its parent to notice
 * counts as gone; one of another user counts as alive. What is no process id is never alive.
 *
 * Ids are used again: an answer of `true` may be about another process than the one meant.
 */
export function processAlive(pid: number): boolean {
  return isPid(pid) && platform.processAlive(pid);
}

/**
 * When the process that has this id now was started, on a clock of the system's own: the same for as
 * long as it runs, and another one for every process that gets the id later. 0 where the system does
 * not tell (Linux and Windows do); `undefined` when there is no such process, or it has exited.
 */
export function processStartTime(pid: number): bigint | undefined {
  return isPid(pid) ? platform.processStartTime(pid) : undefined;
}

/** Who has this id now; `undefined` when there is no such process, or it has exited. */
export function identityOf(pid: number): ProcessIdentity | undefined {
  const startTime = processStartTime(pid);
  return startTime === undefined ? undefined : { pid, startTime };
}

/** Whether that very process runs; one whose start time is not known (0) is taken for it. */
export function isRunning({ pid, startTime }: ProcessIdentity): boolean {
  const now = processStartTime(pid);
  return now !== undefined && (now === startTime || startTime === 0n || now === 0n);
}
