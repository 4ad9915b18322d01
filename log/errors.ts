/** A log level or log format that does not exist. */
export class InvalidLogOptionError extends Error {
  override readonly name = "InvalidLogOptionError";
  readonly code = "invalid-option";
}
