import { getLogger } from "@logtape/logtape";

/** Where a process stands among those of its terminal; see proc(5), `/proc/PID/stat`. */
interface Job {
  group: number;
  /** Device number of the terminal; 0 for none. */
  terminal: number;
  /** The process group that has the terminal now. */
  foreground: number;
}

/** Undefined where the system has no such thing, or does not tell. */
function ownJob(): Job | undefined {
  if (Deno.build.os !== "linux") return undefined;
  try {
    const stat = Deno.readTextFileSync("/proc/self/stat");
    // The name of the program, in parentheses, may hold anything.
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ").map(Number);
    const [, , group = 0, , terminal = 0, foreground = 0] = fields;
    return { group, terminal, foreground };
  } catch {
    return undefined;
  }
}

/** Whether the process belongs to a terminal, however its standard streams are redirected. */
export function hasTerminal(): boolean {
  const job = ownJob();
  return job === undefined ? Deno.stdin.isTerminal() : job.terminal !== 0;
}

/** Whether the process may use its terminal: one started with `&` is stopped when it tries to. */
export function hasForeground(): boolean {
  const job = ownJob();
  return job === undefined || job.terminal === 0 || job.foreground === job.group;
}

/** Stops everything that was started together with this process on its terminal, as Ctrl-Z does. */
export function stopJob(): void {
  Deno.kill(0, "SIGTSTP");
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
 */
export function outliveHangUp(): Disposable {
  if (Deno.build.os === "windows" || hangUpMeansStop()) return { [Symbol.dispose]() {} };
  const listener = () => {
    getLogger(["msquicd", "manager"]).info(
      "SIGHUP is ignored: a log file that was renamed is made anew without it",
    );
  };
  Deno.addSignalListener("SIGHUP", listener);
  return {
    [Symbol.dispose]() {
      Deno.removeSignalListener("SIGHUP", listener);
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
