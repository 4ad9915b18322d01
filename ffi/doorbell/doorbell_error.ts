import { CodedErrorOf } from "../../base/mod.ts";

/** What went wrong, in one word for programs. */
export type DoorbellErrorCode = "doorbell-closed" | "doorbell-unsupported" | "doorbell-failed";

/** A doorbell could not be made, opened, or waited for. */
export class DoorbellError extends CodedErrorOf<DoorbellErrorCode> {}
