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
export class SharedMemoryError extends CodedErrorOf<SharedMemoryErrorCode> {}

/** The error for a name that somebody has already. */
export function nameTaken(action: string, name: string): SharedMemoryError {
  return new SharedMemoryError(
    "shared-memory-exists",
    `Cannot ${action} shared memory "${name}": the name is taken`,
  );
}

/** The error for a name that nobody has. */
export function noSuchName(action: string, name: string): SharedMemoryError {
  return new SharedMemoryError(
    "shared-memory-not-found",
    `Cannot ${action} shared memory "${name}": there is none of that name`,
  );
}
