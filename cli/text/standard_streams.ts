import { writeToStandardError } from "../../log/output.ts";
import { TextQueue } from "../../log/text_queue.ts";
import { OutputError, ReaderGoneError } from "../errors.ts";
import type { TextSink } from "./output.ts";

/** What may wait where text is made faster than it is read, in characters. */
const AHEAD = 64 * 1024;

/** What may wait in a server, in characters: it must go on, read or not. */
const SERVER_WAITING = 1024 * 1024;

/** How long what is still to be written may take when a server ends, in milliseconds. */
const FLUSH_MS = 500;

/** A standard stream of Deno's. */
export type StandardStream = Pick<typeof Deno.stdout, "write">;

/**
 * Standard output. Writing never blocks the process, which may have connections to keep alive, and never
 * throws; whether it failed is seen by {@linkcode broken}. Nothing gets lost: who writes much waits for
 * {@linkcode drained} now and then, and before the end for {@linkcode flush}.
 */
export class StandardOutput implements TextSink {
  readonly #broken = new AbortController();
  readonly #queue: TextQueue;
  #serving = false;

  constructor(stream: StandardStream) {
    this.#queue = new TextQueue(stream, {
      maxWaiting: Infinity,
      lostNote: (lines) => `(${lines} lines are missing here: they were not taken in time)\n`,
      onFailure: (error) => {
        if (this.#serving) return;
        this.#broken.abort(isReaderGone(error) ? new ReaderGoneError() : new OutputError(error));
      },
    });
  }

  /** Aborted, with a {@linkcode ReaderGoneError} or an {@linkcode OutputError}, when writing has failed. */
  get broken(): AbortSignal {
    return this.#broken.signal;
  }

  write(text: string): void {
    if (!this.broken.aborted) this.#queue.write(text);
  }

  async drained(signal?: AbortSignal): Promise<void> {
    if (this.#queue.waiting <= AHEAD || signal?.aborted) return;
    const aborted = Promise.withResolvers<void>();
    const onAbort = () => aborted.resolve();
    signal?.addEventListener("abort", onAbort, { once: true });
    await Promise.race([this.#queue.flush(), aborted.promise]);
    signal?.removeEventListener("abort", onAbort);
  }

  /** Waits until everything has been taken, for so many milliseconds at most. */
  async flush(limitMs?: number): Promise<void> {
    await this.#queue.flush(limitMs);
  }

  /**
   * For a server, which goes on whether it is read or not: what is not taken in time is dropped, a note says
   * how much is missing, and nothing counts as broken.
   *
   * @returns Disposed of, what waits has been taken, or is given up.
   */
  neverWait(): AsyncDisposable {
    this.#serving = true;
    this.#queue.maxWaiting = SERVER_WAITING;
    return {
      [Symbol.asyncDispose]: async () => void await this.#queue.flush(FLUSH_MS),
    };
  }
}

/** Standard output of this process. */
export const standardOutput: StandardOutput = new StandardOutput(Deno.stdout);

/**
 * Standard error of this process, for notes, errors and progress. Writing never blocks or throws. Where both
 * streams are one terminal or one pipe, all goes one way, so that nothing overtakes anything.
 */
export function standardErrorSink(): TextSink {
  return isSameFile(1, 2) ? standardOutput : { write: writeToStandardError };
}

function isSameFile(first: number, second: number): boolean {
  // On Windows there is one console, and nothing tells pipes apart.
  const terminals = Deno.stdout.isTerminal() && Deno.stderr.isTerminal();
  if (Deno.build.os === "windows") return terminals;
  try {
    const [a, b] = [Deno.statSync(`/dev/fd/${first}`), Deno.statSync(`/dev/fd/${second}`)];
    return a.ino === b.ino && a.dev === b.dev;
  } catch {
    return terminals;
  }
}

/** `msquicd ls | head -1` closes the pipe early; EIO is what a closed terminal says. */
export function isReaderGone(error: unknown): boolean {
  if (error instanceof Deno.errors.BrokenPipe) return true;
  return error instanceof Error && "code" in error && error.code === "EIO";
}
