import { CodedError } from "../base/mod.ts";

/** A log level or log format that does not exist. */
export class InvalidLogOptionError extends CodedError {
  readonly code = "invalid-option";
}
