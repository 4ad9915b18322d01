import { CodedErrorOf } from "../../base/mod.ts";

/** What went wrong, in one word for programs. */
export type SharedMemoryErrorCode =
  | "shared-memory-exists"
  | "shared-memory-not-found"
  | "shared-memory-empty"
  | "shared-memory-closed"
  | "shared-memory-unsupported"
  | "shared-memory-failed";

/** Shared memory could not be created, opened, or used. */
export class SharedMemoryError extends CodedErrorOf<SharedMemoryErrorCode> {
}
