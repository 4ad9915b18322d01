import { PRIVATE_DIRECTORY } from "../protocol/mod.ts";
import { isMissing } from "./absence.ts";
import { fileError } from "./errors.ts";
import { type Held, holdDirectory } from "./held.ts";
import type { StorageRoot } from "./storage_root.ts";
import { makeDirectoryBelow } from "./stored_directories.ts";

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

/** A storage that is held with its own directories. */
export type HeldStorage<Root extends StorageRoot> = Root & Disposable & {
  /** The storage's directory. */
  readonly top: Held;
};

/**
 * Holds a storage with its own directories, which are made again if they are gone.
 *
 * @returns The same storage, whose paths lead there until it is let go.
 * @throws {FileNotFoundError} It is not there.
 */
export function holdStorage<Root extends StorageRoot>(storage: Root): HeldStorage<Root> {
  using stack = new DisposableStack();
  const top = stack.use(holdRoot(storage));
  try {
    const staging = stack.use(holdOwn(top, "uploads"));
    const receipts = stack.use(holdOwn(top, "receipts"));
    const held = stack.move();
    return {
      ...storage,
      top,
      path: top.path,
      staging: staging.path,
      receipts: receipts.path,
      [Symbol.dispose]: () => held.dispose(),
    };
  } catch (cause) {
    throw fileError(cause, `Cannot use "${storage.path}"`);
  }
}

/** Holds one of the storage's own directories. */
function holdOwn(top: Held, name: string): Held {
  const segments = [PRIVATE_DIRECTORY, name];
  try {
    return top.openBelow(segments.join("/"), "directory");
  } catch (error) {
    if (!isMissing(error)) throw error;
    return makeDirectoryBelow(top, segments, [], 0o700);
  }
}
