import { constants } from "node:os";
import { libc } from "../libraries/libc.ts";

const SIG_IGN = 1n;

/**
 * What ends a process by default, and should not end one of ours: that a file or the processor time is
 * at its soft limit (`ulimit -f`, `ulimit -t`; the file is then an error, EFBIG, of whoever writes it),
 * and what a script may send to have logs opened again. (A listener does not help against SIGXFSZ: it
 * comes in the middle of a write.) SIGPIPE the runtime ignores by itself.
 */
const IGNORED = ["SIGXFSZ", "SIGXCPU", "SIGUSR1", "SIGUSR2"] as const;

/** Ignores the signals that would end this process, and what it starts, without need; none on Windows. */
export function ignoreNeedlessSignals(): void {
  if (Deno.build.os === "windows") return;
  for (const name of IGNORED) libc.signal(constants.signals[name], SIG_IGN);
}
