import { parseArgs } from "node:util";
import { removeWorkerMark } from "../base/mod.ts";
import { WorkerEnd } from "../ipc/mod.ts";
import { configureLogging, flushStandardError, writeLogLine } from "../log/mod.ts";
import { Life } from "./life/life.ts";

const USAGE = "Usage: msquicd worker --segment NAME (started by a manager, not by hand)";

/** How long what was logged may take to be read at the end, in milliseconds. */
const FLUSH_MS = 500;

/**
 * Runs this process as a worker.
 *
 * @param args `--segment NAME`: the shared memory that connects it with its manager.
 * @returns The exit code; by then everything is released.
 */
export async function main(args: string[]): Promise<number> {
  removeWorkerMark();
  const code = await runWorker(args);
  await flushStandardError(FLUSH_MS);
  return code;
}

async function runWorker(args: string[]): Promise<number> {
  const name = parseSegmentName(args);
  if (name === undefined) {
    writeLogLine(USAGE);
    return 2;
  }
  // Until the manager says how.
  configureLogging({ level: "info", format: "pretty" });
  let end: WorkerEnd;
  try {
    end = WorkerEnd.open(name);
  } catch (error) {
    writeLogLine(`Cannot start a worker: ${error instanceof Error ? error.message : error}`);
    return 1;
  }
  await using _end = end;
  return await Life.run(end);
}

function parseSegmentName(args: string[]): string | undefined {
  try {
    return parseArgs({ args, options: { segment: { type: "string" } } }).values.segment;
  } catch {
    return undefined;
  }
}
