/** What went wrong, in one word for programs. */
export type SharedMemoryErrorCode =
  | "shared-memory-exists"
  | "shared-memory-not-found"
  | "shared-memory-empty"
  | "shared-memory-closed"
  | "shared-memory-unsupported"
  | "shared-memory-failed";

/** Shared memory could not be created, opened, or used. */
export class SharedMemoryError extends Error {
  override readonly name = "SharedMemoryError";
  readonly code: SharedMemoryErrorCode;

  constructor(code: SharedMemoryErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
