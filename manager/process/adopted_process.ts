import { delay, type ProcessIdentity } from "../../base/mod.ts";
import { isRunning } from "../../ffi/process/process.ts";
import { lastLinesOf } from "./last_lines.ts";
import type { LifeProcess, ProcessExit } from "./worker_process.ts";

/** How often it is looked whether the process still runs, in milliseconds. */
const POLL_MS = 100;

/** How many of its last lines are told. */
const TOLD_LINES = 20;

/**
 * A worker's process that another manager has started: the system does not tell us when it ends, nor
 * how. It is told from one that gets its id later by when it was started.
 */
export class AdoptedProcess implements LifeProcess {
  readonly #identity: ProcessIdentity;
  readonly #logFile: string;
  readonly #letGo = new AbortController();
  #killedBy: Deno.Signal | undefined;
  /** Never rejects. */
  readonly exited: Promise<ProcessExit>;

  /** @param logFile Where it logs to. */
  constructor(identity: ProcessIdentity, logFile: string) {
    this.#identity = identity;
    this.#logFile = logFile;
    this.exited = this.#wait();
  }

  get pid(): number {
    return this.#identity.pid;
  }

  get lastLines(): readonly string[] {
    return lastLinesOf(this.#logFile, TOLD_LINES);
  }

  kill(signal: "SIGTERM" | "SIGKILL"): void {
    this.#killedBy = signal;
    killSame(this.#identity, signal);
  }

  /** Looks after it no more. It is never said to have exited, unless it has. */
  letGo(): void {
    this.#letGo.abort();
  }

  async #wait(): Promise<ProcessExit> {
    while (isRunning(this.#identity)) {
      try {
        await delay(POLL_MS, this.#letGo.signal);
      } catch {
        break;
      }
    }
    return { code: UNKNOWN_EXIT_CODE, signal: this.#killedBy === "SIGKILL" ? "SIGKILL" : null };
  }
}

/** Stands for the exit code of a process that we have not started. */
export const UNKNOWN_EXIT_CODE = -1;

/** Sends a signal to this very process; not to another one that has its id by now. */
export function killSame(process: ProcessIdentity, signal: Deno.Signal): void {
  // Without its start it could be any process.
  if (process.startTime === 0n || !isRunning(process)) return;
  try {
    Deno.kill(process.pid, signal);
  } catch {
    // It has ended meanwhile.
  }
}
