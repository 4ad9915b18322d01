import { settlesWithin, WORKER_ENVIRONMENT } from "../../base/mod.ts";
import { passOnLogLine } from "../../log/mod.ts";
import { endsWithUs } from "./ends_with_us.ts";
import { readLines } from "../../base/lines.ts";
import { runProgram } from "./run_program.ts";
import type { SelfCommand } from "./self_command.ts";

/** How a process ended. */
export type ProcessExit = Pick<Deno.CommandStatus, "code" | "signal">;

/** What becomes of a worker when its manager is gone. */
export interface WorkerProcessOptions {
  /**
   * Whether the system lets it live on. By default Windows ends it with its manager, however that ends;
   * elsewhere it is the worker itself that notices.
   */
  readonly outlives?: boolean;
}

/** A worker's process, whoever started it. */
export interface LifeProcess {
  readonly pid: number;
  /** Never rejects. */
  readonly exited: Promise<ProcessExit>;
  /** What it said last on standard error, oldest line first. */
  readonly lastLines: readonly string[];
  /** Sends a signal; one that has ended is left in peace. */
  kill(signal: "SIGTERM" | "SIGKILL"): void;
}

/** How many of its last lines on standard error are kept. */
const KEPT_LINES = 20;
const MAX_LINE_BYTES = 64 * 1024;

/** A child of the child may keep the pipe open after its end. */
const PIPE_GRACE_MS = 200;

/** A worker's process that we started: passes its log lines on, and tells when and how it ended. */
export class WorkerProcess implements LifeProcess {
  readonly #child: Deno.ChildProcess;
  readonly #lastLines: string[] = [];
  /** Never rejects. */
  readonly exited: Promise<ProcessExit>;

  /**
   * Starts this program again, as a worker.
   *
   * @param segment Name of the shared memory that connects it with us.
   * @throws {ProgramError} If the system cannot start it.
   */
  constructor(
    command: SelfCommand,
    segment: string,
    { outlives = false }: WorkerProcessOptions = {},
  ) {
    this.#child = runProgram(command.path, {
      args: [...command.args, "worker", "--segment", segment],
      env: WORKER_ENVIRONMENT,
      stdin: "null",
      stdout: "null",
      stderr: "piped",
      // Elsewhere than on Windows this makes a session of its own: a terminal that stops or interrupts all
      // that runs on it does not reach a worker. On Windows Deno's own job holds what is not detached.
      detached: outlives || Deno.build.os !== "windows",
    });
    if (!outlives) endsWithUs(this.#child.pid);
    this.exited = this.#wait();
  }

  get pid(): number {
    return this.#child.pid;
  }

  /** What it said last on standard error, oldest line first. */
  get lastLines(): readonly string[] {
    return this.#lastLines;
  }

  /** Sends a signal; one that has ended is left in peace. On Windows any signal ends it at once. */
  kill(signal: "SIGTERM" | "SIGKILL"): void {
    try {
      this.#child.kill(signal);
    } catch {
      // It has ended already.
    }
  }

  async #wait(): Promise<ProcessExit> {
    const stop = new AbortController();
    const drained = this.#passOn(stop.signal);
    const { code, signal } = await this.#child.status;
    if (!await settlesWithin(drained, PIPE_GRACE_MS)) stop.abort();
    await drained;
    return { code, signal };
  }

  async #passOn(signal: AbortSignal): Promise<void> {
    const reader = this.#child.stderr.getReader();
    const cancel = () => void reader.cancel();
    signal.addEventListener("abort", cancel, { once: true });
    try {
      for await (
        const line of readLines(chunksOf(reader), { maxBytes: MAX_LINE_BYTES, cut: true })
      ) {
        passOnLogLine(line);
        this.#lastLines.push(line);
        if (this.#lastLines.length > KEPT_LINES) this.#lastLines.shift();
      }
    } catch {
      // The pipe broke: whatever was to be said is lost, the process is not.
    } finally {
      signal.removeEventListener("abort", cancel);
      reader.releaseLock();
    }
  }
}

async function* chunksOf(
  reader: ReadableStreamDefaultReader<Uint8Array>,
): AsyncGenerator<Uint8Array> {
  for (;;) {
    const { value, done } = await reader.read();
    if (done) return;
    yield value;
  }
}
