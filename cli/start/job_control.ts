/** Where a process stands among those of its terminal; see proc(5), `/proc/PID/stat`. */
interface Job {
  parent: number;
  group: number;
  session: number;
  /** Device number of the terminal; 0 for none. */
  terminal: number;
  /** The process group that has the terminal now. */
  foreground: number;
}

/** Undefined where the system has no such thing, or does not tell. */
function jobOf(pid: number | "self"): Job | undefined {
  if (Deno.build.os !== "linux") return undefined;
  try {
    const stat = Deno.readTextFileSync(`/proc/${pid}/stat`);
    // The name of the program, in parentheses, may hold anything.
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ").map(Number);
    const [, parent = 0, group = 0, session = 0, terminal = 0, foreground = 0] = fields;
    return { parent, group, session, terminal, foreground };
  } catch {
    return undefined;
  }
}

/** Whether the process belongs to a terminal, however its standard streams are redirected. */
export function hasTerminal(): boolean {
  const job = jobOf("self");
  return job === undefined ? Deno.stdin.isTerminal() : job.terminal !== 0;
}

/** Whether the process may use its terminal: one started with `&` is stopped when it tries to. */
export function hasForeground(): boolean {
  const job = jobOf("self");
  return job === undefined || job.terminal === 0 || job.foreground === job.group;
}

/**
 * Whether nobody looks after the process group, as a shell does after what it has started: what is stopped
 * there never goes on. So it is where a container or `ssh -t` starts nothing else.
 */
export function isOrphan(): boolean {
  const own = jobOf("self");
  let job = own;
  while (job !== undefined && job.group === own?.group) job = jobOf(job.parent);
  return job === undefined || job.session !== own?.session;
}

/** Signals that ask a process to stop, where it runs now. */
export function stopSignals(): Deno.Signal[] {
  // Windows says with SIGHUP that the console is closed, and ends the process some seconds later.
  if (Deno.build.os === "windows") return ["SIGINT", "SIGBREAK", "SIGHUP"];
  return hangUpMeansStop() ? ["SIGINT", "SIGTERM", "SIGHUP"] : ["SIGINT", "SIGTERM"];
}

/**
 * Keeps SIGHUP from ending a server that belongs to no terminal. There it does not say that the terminal is
 * gone: it is what administrators and `logrotate` send to have something read anew.
 *
 * @param onHangUp Is told of each.
 */
export function outliveHangUp(onHangUp: () => void): Disposable {
  if (Deno.build.os === "windows" || hangUpMeansStop()) return { [Symbol.dispose]() {} };
  Deno.addSignalListener("SIGHUP", onHangUp);
  return {
    [Symbol.dispose]() {
      Deno.removeSignalListener("SIGHUP", onHangUp);
    },
  };
}

/** Whether SIGHUP says that the terminal is gone. Under nohup it is ignored, and must stay so. */
function hangUpMeansStop(): boolean {
  return hasTerminal() && !ignoresHangUp();
}

/** Whether the process was started with SIGHUP ignored; told as a mask, in which SIGHUP is bit 0. */
function ignoresHangUp(): boolean {
  try {
    const mask = /^SigIgn:\s*([0-9a-f]+)/m.exec(Deno.readTextFileSync("/proc/self/status"))?.[1];
    return mask !== undefined && (Number.parseInt(mask.slice(-2), 16) & 1) === 1;
  } catch {
    return false;
  }
}
