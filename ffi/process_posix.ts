import { errno, leaseLibc } from "./libc.ts";

const EPERM = 1;
const NO_SIGNAL = 0;

export function processAlive(pid: number): boolean {
  using libc = leaseLibc();
  const reachable = libc.symbols.kill(pid, NO_SIGNAL) === 0 || errno(libc.symbols) === EPERM;
  return reachable && !(Deno.build.os === "linux" && hasExited(pid));
}

// kill(2) reaches a zombie too. /proc tells it apart: the state follows the name in parentheses.
function hasExited(pid: number): boolean {
  try {
    const stat = Deno.readTextFileSync(`/proc/${pid}/stat`);
    const state = stat.at(stat.lastIndexOf(")") + 2);
    return state === "Z" || state === "X";
  } catch (error) {
    // No entry: it went since kill looked, unless there is no /proc at all.
    return error instanceof Deno.errors.NotFound && hasProc();
  }
}

function hasProc(): boolean {
  try {
    return Deno.statSync("/proc/self").isDirectory;
  } catch {
    return false;
  }
}
