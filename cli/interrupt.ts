import { InterruptedError } from "./errors.ts";
import { ExitCode } from "./exit_codes.ts";
import { hasTerminal, stopSignals } from "./start/job_control.ts";

/**
 * How soon the same signal may come again and still be the same request, in milliseconds: Ctrl-C reaches
 * everything that runs on the terminal, and `npx` and `deno task` pass it on once more; so they do with the
 * SIGTERM of a service manager that sends it to all of a service.
 */
const ECHO_MS = 500;

/**
 * Calls `onStop` for every request to stop, with how many there have been and the signal it came by. Until
 * it is disposed of, the signals that ask for it do not end the process.
 */
export function listenForStop(onStop: (count: number, signal: Deno.Signal) => void): Disposable {
  using listening = new DisposableStack();
  let count = 0;
  for (const signal of stopSignals()) {
    // Where there is no terminal, nothing else than a program sends SIGINT, and means it.
    const echoes = signal !== "SIGINT" || hasTerminal();
    let last = -Infinity;
    const listener = () => {
      const now = performance.now();
      if (echoes && now - last < ECHO_MS) return;
      last = now;
      onStop(++count, signal);
    };
    Deno.addSignalListener(signal, listener);
    listening.defer(() => Deno.removeSignalListener(signal, listener));
  }
  return listening.move();
}

/**
 * Turns the first request to stop into an abort, so that a command can clean up after itself; a second one
 * leaves at once with exit code 130.
 */
export class Interrupt implements Disposable {
  readonly #controller = new AbortController();
  readonly #listening = listenForStop((count) => {
    if (count > 1) Deno.exit(ExitCode.interrupted);
    this.#controller.abort(new InterruptedError());
  });
  /** Aborts with {@linkcode InterruptedError}, or with what the other signal was aborted with. */
  readonly signal: AbortSignal;

  /** @param other Aborted, the command is to stop as well. */
  constructor(other?: AbortSignal) {
    const { signal } = this.#controller;
    this.signal = other === undefined ? signal : AbortSignal.any([signal, other]);
  }

  [Symbol.dispose](): void {
    this.#listening[Symbol.dispose]();
  }
}
