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
