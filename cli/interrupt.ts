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
