import { systemReason } from "../../base/mod.ts";
import { storageError, StorageUnavailableError } from "../errors.ts";
import type { Held } from "./held.ts";
import { holdDirectory } from "./hold_directory.ts";
import { holdOwn } from "./own_directories.ts";
import { checkMark, writeId } from "./root_mark.ts";
import type { StorageRoot } from "./storage_root.ts";

/**
 * Holds a storage's directory. It is held for one request at a time: a file system could not be unmounted
 * otherwise, and one that took its place would not be noticed.
 *
 * @throws {StorageUnavailableError} It is not there.
 */
export function holdRoot(root: StorageRoot): Held {
  using stack = new DisposableStack();
  try {
    const top = stack.use(holdDirectory(root.path));
    checkMark(top, root.mark, root.path);
    stack.move();
    return top;
  } catch (cause) {
    if (cause instanceof StorageUnavailableError) throw cause;
    const reason = systemReason(cause);
    throw new StorageUnavailableError(`Cannot use the storage "${root.path}": ${reason}`, {
      cause,
    });
  }
}

/** A storage that is held with its own directories. */
export type HeldStorage<Root extends StorageRoot> = Root & Disposable & {
  /** The storage's directory. */
  readonly top: Held;
  /** Where uploads are staged. */
  readonly uploads: Held;
  /** Where the receipts are. */
  readonly receiptFiles: Held;
};

/**
 * Holds a storage with its own directories, which are made again if they are gone.
 *
 * @returns The same storage, whose paths lead there until it is let go.
 * @throws {StorageUnavailableError} It is not there.
 */
export function holdStorage<Root extends StorageRoot>(storage: Root): HeldStorage<Root> {
  using stack = new DisposableStack();
  const top = stack.use(holdRoot(storage));
  try {
    const again = () => void writeId(top, storage.mark.id);
    const staging = stack.use(holdOwn(top, "uploads", again));
    const receipts = stack.use(holdOwn(top, "receipts"));
    const held = stack.move();
    return {
      ...storage,
      top,
      uploads: staging,
      receiptFiles: receipts,
      path: top.path,
      staging: staging.path,
      receipts: receipts.path,
      [Symbol.dispose]: () => held.dispose(),
    };
  } catch (cause) {
    throw storageError(cause, `Cannot use "${storage.path}"`);
  }
}
