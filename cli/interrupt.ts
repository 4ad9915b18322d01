import { getLogger } from "@logtape/logtape";
import { watchSessionEnd } from "../ffi/mod.ts";
import { InterruptedError } from "./errors.ts";
import { ExitCode } from "./exit_codes.ts";

/**
 * Calls `onStop` for every signal that asks to stop, with how many there have been. Until it is disposed
 * of, such signals do not end the process.
 */
export function listenForStop(onStop: (count: number) => void): Disposable {
  let count = 0;
  const listener = () => onStop(++count);
  const signals = stopSignals();
  for (const signal of signals) Deno.addSignalListener(signal, listener);
  return {
    [Symbol.dispose]() {
      for (const signal of signals) Deno.removeSignalListener(signal, listener);
    },
  };
}

function stopSignals(): Deno.Signal[] {
  // Windows says with SIGHUP that the console is closed, and ends the process some seconds later.
  if (Deno.build.os === "windows") return ["SIGINT", "SIGBREAK", "SIGHUP"];
  // Under nohup, which takes the terminal away, SIGHUP is ignored and must stay so.
  return Deno.stdin.isTerminal() ? ["SIGINT", "SIGTERM", "SIGHUP"] : ["SIGINT", "SIGTERM"];
}

/**
 * Calls `onEnd` when the user logs off from Windows or the machine shuts down, which elsewhere is a signal.
 * Until it is disposed of, Windows waits with ending this process, though no longer than 5 seconds.
 */
export function listenForSessionEnd(onEnd: () => void): AsyncDisposable {
  if (Deno.build.os !== "windows") return { [Symbol.asyncDispose]: () => Promise.resolve() };
  const watch = watchSessionEnd(onEnd);
  watch.watching.then((problem) => {
    if (problem === undefined) return;
    getLogger(["msquicd", "manager"]).debug("Nothing tells of a log-off: {problem}", { problem });
  });
  return watch;
}

/**
 * Turns the first stop signal into an abort, so that a command can clean up after itself; a second
 * one leaves at once with exit code 130.
 */
export class Interrupt implements Disposable {
  readonly #controller = new AbortController();
  readonly #listening = listenForStop((count) => {
    if (count > 1) Deno.exit(ExitCode.interrupted);
    this.#controller.abort(new InterruptedError());
  });

  /** Aborts with {@linkcode InterruptedError}. */
  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  [Symbol.dispose](): void {
    this.#listening[Symbol.dispose]();
  }
}
