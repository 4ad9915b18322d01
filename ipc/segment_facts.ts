import { SharedMemory } from "../ffi/mod.ts";
import { Layout } from "./layout.ts";
import { type ProcessIdentity, readHeader, readWorker } from "./segment_header.ts";

/** What a segment says of itself. */
export interface SegmentFacts {
  /** Its worker; of process id 0 when that has not opened it yet. */
  worker: ProcessIdentity;
  /** Whether the worker goes on without a manager. */
  keep: boolean;
  /** Why it cannot be used, if so. */
  problem?: Error;
}

/**
 * Looks into a segment without becoming one of its ends.
 *
 * @returns What it says, checked as far as the header goes; `undefined` when there is none of that name.
 */
export function inspectSegment(name: string): SegmentFacts | undefined {
  let memory: SharedMemory;
  try {
    memory = SharedMemory.open(name);
  } catch {
    return undefined;
  }
  using _memory = memory;
  const { buffer } = memory;
  const worker = buffer.byteLength < Layout.rings ? { pid: 0, startTime: 0n } : readWorker(buffer);
  try {
    return { worker, keep: readHeader(buffer, name).keep };
  } catch (error) {
    return { worker, keep: false, problem: error instanceof Error ? error : new Error(`${error}`) };
  }
}
