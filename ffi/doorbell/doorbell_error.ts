/** What went wrong, in one word for programs. */
export type DoorbellErrorCode = "doorbell-closed" | "doorbell-unsupported" | "doorbell-failed";

/** A doorbell could not be made, opened, or waited for. */
export class DoorbellError extends Error {
  override readonly name = "DoorbellError";
  readonly code: DoorbellErrorCode;

  constructor(code: DoorbellErrorCode, message: string) {
    super(message);
    this.code = code;
  }
}
