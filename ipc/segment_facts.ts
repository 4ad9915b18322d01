import type { ProcessIdentity } from "../base/mod.ts";
import { SharedMemory } from "../ffi/shared_memory/shared_memory.ts";
import { SharedMemoryError } from "../ffi/shared_memory/shared_memory_error.ts";
import { Layout } from "./layout.ts";
import { readHeader, readWorker } from "./segment_header.ts";

const NOBODY: ProcessIdentity = { pid: 0, startTime: 0n };

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
 * @throws {SharedMemoryError} When it cannot be looked at, for want of open files for example: nothing
 * is known of it then, and least of all that it is not there.
 */
export function inspectSegment(name: string): SegmentFacts | undefined {
  let memory: SharedMemory;
  try {
    memory = SharedMemory.open(name);
  } catch (error) {
    if (!(error instanceof SharedMemoryError)) throw error;
    if (error.code === "shared-memory-not-found") return undefined;
    // Its manager was killed before it had a size.
    if (error.code === "shared-memory-empty") {
      return { worker: NOBODY, keep: false, problem: error };
    }
    throw error;
  }
  using _memory = memory;
  const { buffer } = memory;
  const worker = buffer.byteLength < Layout.rings ? NOBODY : readWorker(buffer);
  try {
    return { worker, keep: readHeader(buffer, name).keep };
  } catch (error) {
    return { worker, keep: false, problem: error instanceof Error ? error : new Error(`${error}`) };
  }
}
