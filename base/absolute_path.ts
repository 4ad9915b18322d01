import { CodedError } from "./coded_error.ts";
import { resolve } from "node:path";

/** A path cannot be made sense of, since the directory that it starts from is gone. */
export class NoCurrentDirectoryError extends CodedError {
  readonly code = "not-found";

  /** @param path What was given. */
  constructor(path: string, options?: ErrorOptions) {
    super(
      `Cannot find "${path}" from here, as the current directory was removed; go to another one, ` +
        "or give an absolute path",
      options,
    );
  }
}

/**
 * An absolute path of one that may start from the current directory, which is needed for those alone.
 *
 * @throws {NoCurrentDirectoryError}
 */
export function absolutePath(path: string): string {
  try {
    return resolve(path);
  } catch (cause) {
    throw new NoCurrentDirectoryError(path, { cause });
  }
}
