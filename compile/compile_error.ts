import { CodedError } from "../base/mod.ts";

/** Something that making an executable takes is missing or wrong; the message says how to mend it. */
export class CompileError extends CodedError {
  readonly code = "compile-failed";
}
