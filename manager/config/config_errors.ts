import { CodedError } from "../../base/mod.ts";

/** A configuration file that cannot be used. */
export class InvalidConfigError extends CodedError {
  readonly code = "invalid-config";

  /**
   * @param path The file.
   * @param line Where in it, from 1 up.
   * @param reason What is wrong there.
   */
  constructor(readonly path: string, readonly line: number, reason: string) {
    super(`Cannot use ${path}, line ${line}: ${reason}`);
  }
}

/** A configuration file that was named, but is not there. */
export class ConfigNotFoundError extends CodedError {
  readonly code = "not-found";

  constructor(path: string) {
    super(`Cannot read ${path}: there is no such file; name the one that is meant`);
  }
}
