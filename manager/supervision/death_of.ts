import { stripVTControlCharacters } from "node:util";
import { UNKNOWN_EXIT_CODE } from "../process/adopted_process.ts";
import type { ProcessExit } from "../process/worker_process.ts";
import type { WorkerFailure } from "./worker_failure.ts";

/** What V8 ends its process with where it cannot go on. */
const FATAL: ReadonlySet<string> = new Set(["SIGTRAP", "SIGABRT", "SIGILL"]);

/**
 * What to say of a worker that has gone by itself, or was killed by somebody else.
 *
 * @param lastLines What it wrote to standard error at last.
 */
export function deathOf(exit: ProcessExit, lastLines: readonly string[]): WorkerFailure {
  const code = "worker-died";
  if (exit.signal) {
    const why = FATAL.has(exit.signal)
      ? ", with which the runtime ends, most often for want of memory (memoryLimitBytes)"
      : "";
    return { code, message: `Killed by ${exit.signal}${why}` };
  }
  // The runtime says what is wrong first, and then where.
  const lines = lastLines.map(stripVTControlCharacters);
  const said = lines.findLast((line) => line.startsWith("error: ")) ?? lines.at(-1);
  const how = exit.code === UNKNOWN_EXIT_CODE
    ? "Gone, nobody knows how, as another manager had started it"
    : `Exited with code ${exit.code}`;
  return { code, message: said ? `${how}; it said last: ${said}` : how };
}
