import { trapUncaughtErrors } from "../../log/mod.ts";

/**
 * What they mean, the manager decides: on Windows a console sends them to all processes in it, elsewhere
 * whoever ends a whole tree of processes may. On Windows SIGHUP says that the console is closed; the system
 * ends the process some seconds later.
 */
const IGNORED: readonly Deno.Signal[] = Deno.build.os === "windows"
  ? ["SIGINT", "SIGBREAK", "SIGHUP"]
  : ["SIGINT", "SIGHUP"];

/** Windows has none that another process could send. */
const TERMINATING: readonly Deno.Signal[] = Deno.build.os === "windows" ? [] : ["SIGTERM"];

/** What happens to a process from outside, or where nobody looks. */
export interface ProcessTraps {
  /** The process is asked to end. */
  onTerminate(): void;
  /** An error that nothing has caught. */
  onFault(error: unknown): void;
}

/**
 * Takes on signals, and errors that nothing catches, which would otherwise end the process on the spot.
 *
 * @returns Disposed of, all is as before.
 */
export function trapProcess({ onTerminate, onFault }: ProcessTraps): Disposable {
  using traps = new DisposableStack();
  for (const signal of IGNORED) traps.use(trapSignal(signal, () => {}));
  for (const signal of TERMINATING) traps.use(trapSignal(signal, onTerminate));
  traps.use(trapUncaughtErrors(onFault));
  return traps.move();
}

function trapSignal(signal: Deno.Signal, handler: () => void): Disposable {
  Deno.addSignalListener(signal, handler);
  return {
    [Symbol.dispose]() {
      Deno.removeSignalListener(signal, handler);
    },
  };
}
