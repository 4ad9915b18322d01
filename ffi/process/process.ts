import * as posix from "./process_posix.ts";
import * as windows from "./process_windows.ts";

const platform = Deno.build.os === "windows" ? windows : posix;

/** The largest process id that the systems' calls take. */
const MAX_PID = 0x7FFF_FFFF;

/**
 * Whether a process of this id runs. One that has exited and only waits for its parent to notice
 * counts as gone; one of another user counts as alive. What is no process id is never alive.
 *
 * Ids are used again: an answer of `true` may be about another process than the one meant.
 */
export function processAlive(pid: number): boolean {
  if (!Number.isInteger(pid) || pid < 1 || pid > MAX_PID) return false;
  return platform.processAlive(pid);
}

/**
 * When the process that has this id now was started, on a clock of the system's own: the same for as
 * long as it runs, and another one for every process that gets the id later. 0 where the system does
 * not tell (Linux and Windows do); `undefined` when there is no such process, or it has exited.
 */
export function processStartTime(pid: number): bigint | undefined {
  if (!Number.isInteger(pid) || pid < 1 || pid > MAX_PID) return undefined;
  return platform.processStartTime(pid);
}

/**
 * Whether the very process runs that was started at `startTime`; one whose start time is not known (0)
 * is taken for it.
 */
export function isSameProcess(pid: number, startTime: bigint): boolean {
  const now = processStartTime(pid);
  return now !== undefined && (now === startTime || startTime === 0n || now === 0n);
}
