import { isRunning } from "../../ffi/process/process.ts";
import { inspectSegment } from "../../ipc/mod.ts";
import { readLedger } from "../state/segment_ledger.ts";
import type { StateDirectory } from "../state/state_directory.ts";

/** A worker that goes on, whether its manager does or not. */
export interface KeptWorker {
  readonly port: number;
  readonly pid: number;
}

/** The workers of an instance that were told to go on without a manager, and run. */
export async function keptWorkers(state: StateDirectory): Promise<KeptWorker[]> {
  const entries = await readLedger(state.segmentsFile);
  return entries.flatMap(({ name }) => {
    const facts = inspectSegment(name);
    // The name ends with the port and what cannot be guessed.
    const port = Number(/-(\d{1,5})-[0-9a-f]+$/.exec(name)?.[1]);
    if (!facts?.keep || !Number.isInteger(port)) return [];
    return isRunning(facts.worker) ? [{ port, pid: facts.worker.pid }] : [];
  }).toSorted((a, b) => a.port - b.port);
}
