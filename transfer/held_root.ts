import { fileError } from "./errors.ts";
import { type Held, holdDirectory } from "./held.ts";
import type { StorageRoot } from "./storage_root.ts";

/**
 * Holds a storage's directory. It is held for one request at a time: a file system could not be unmounted
 * otherwise, and one that took its place would not be noticed.
 *
 * @throws {FileNotFoundError} It is not there.
 */
export function holdRoot(root: StorageRoot): Held {
  try {
    return holdDirectory(root.path);
  } catch (cause) {
    throw fileError(cause, `Cannot use the storage "${root.path}"`);
  }
}
