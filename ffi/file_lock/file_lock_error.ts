import { CodedError, systemReason } from "../../base/mod.ts";

/** A file could not be locked, for another reason than that someone holds the lock. */
export class FileLockError extends CodedError {
  readonly code = "file-lock-failed";
  /** What the system says: its code, such as `EACCES`, or words. */
  readonly reason: string;

  /**
   * @param path The file.
   * @param reason What the system says: its code, such as `EACCES`, or words.
   */
  constructor(path: string, reason: string, options?: ErrorOptions) {
    super(`Cannot lock file "${path}": ${systemReason(reason)}`, options);
    this.reason = reason;
  }
}
