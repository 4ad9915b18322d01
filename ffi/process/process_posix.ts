import { errno, libc } from "../libraries/libc.ts";

const EPERM = 1;
const NO_SIGNAL = 0;

export function processAlive(pid: number): boolean {
  const reachable = libc.kill(pid, NO_SIGNAL) === 0 || errno() === EPERM;
  return reachable && !(Deno.build.os === "linux" && hasExited(pid));
}

/** Field 22 of /proc/PID/stat: clock ticks from when the machine was started until then. */
const START_TIME = 22 - 3;

export function processStartTime(pid: number): bigint | undefined {
  try {
    const status = statusOf(pid);
    return isExitState(status[0]) ? undefined : BigInt(status[START_TIME] ?? 0);
  } catch {
    return !hasProc() && processAlive(pid) ? 0n : undefined;
  }
}

// kill(2) reaches a zombie too. /proc tells it apart: the state follows the name in parentheses.
function hasExited(pid: number): boolean {
  try {
    return isExitState(statusOf(pid)[0]);
  } catch (error) {
    // No entry: it went since kill looked, unless there is no /proc at all.
    return error instanceof Deno.errors.NotFound && hasProc();
  }
}

/** The fields of /proc/PID/stat (proc(5)) from the third on, the state: the name may hold anything. */
function statusOf(pid: number): string[] {
  const stat = Deno.readTextFileSync(`/proc/${pid}/stat`);
  return stat.slice(stat.lastIndexOf(")") + 2).split(" ");
}

function isExitState(state: string | undefined): boolean {
  return state === "Z" || state === "X";
}

function hasProc(): boolean {
  try {
    return Deno.statSync("/proc/self").isDirectory;
  } catch {
    return false;
  }
}
