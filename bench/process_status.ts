/** Clock ticks per second in /proc: the same on every Linux that Deno runs on (proc(5), USER_HZ). */
const TICKS_PER_SECOND = 100;

/** Processor time that a process has used so far, in milliseconds (proc_pid_stat(5)); Linux only. */
export function cpuMs(stat: string): number {
  // What precedes is the program's name, in which there may be anything.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  const [userTicks, systemTicks] = fields.slice(11, 13).map(Number);
  return ((userTicks ?? NaN) + (systemTicks ?? NaN)) * 1000 / TICKS_PER_SECOND;
}

/** The most memory that a process has had resident so far, in bytes (proc_pid_status(5)); Linux only. */
export function peakResidentBytes(status: string): number {
  return Number(/^VmHWM:\s+(\d+) kB$/m.exec(status)?.[1] ?? NaN) * 1024;
}

/** The memory that a process has resident, in bytes (proc_pid_status(5)); Linux only. */
export function residentBytes(status: string): number {
  return Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1] ?? NaN) * 1024;
}

/** Processor time of running processes together, in milliseconds; NaN where the system does not tell. */
export async function cpuMsOf(pids: readonly number[]): Promise<number> {
  const times = await Promise.all(pids.map(async (pid) => {
    try {
      return cpuMs(await Deno.readTextFile(`/proc/${pid}/stat`));
    } catch {
      return NaN;
    }
  }));
  return times.reduce((sum, ms) => sum + ms, 0);
}
