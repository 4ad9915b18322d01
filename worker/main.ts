import { parseArgs } from "node:util";
import { WorkerEnd } from "../ipc/mod.ts";
import { configureLogging, writeLogLine } from "../log/mod.ts";
import { live } from "./life.ts";

const USAGE = "Usage: msquicd worker --segment NAME (started by a manager, not by hand)";

/**
 * Runs this process as a worker.
 *
 * @param args `--segment NAME`: the shared memory that connects it with its manager.
 * @returns The exit code; by then everything is released.
 */
export async function main(args: string[]): Promise<number> {
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
  return await live(end);
}

function parseSegmentName(args: string[]): string | undefined {
  try {
    return parseArgs({ args, options: { segment: { type: "string" } } }).values.segment;
  } catch {
    return undefined;
  }
}
