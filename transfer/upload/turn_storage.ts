import { setImmediate } from "node:timers";
import { isInMemory } from "../../ffi/files/disk_space.ts";
import { type HeldStorage, holdStorage } from "../storage/held_root.ts";
import { isMissing } from "../storage/absence.ts";
import type { Held } from "../storage/held.ts";
import type { StorageRoot } from "../storage/storage_root.ts";
import { Usage } from "../storage/usage.ts";
import { ReceiptLog } from "./receipts.ts";

/** A storage that is held, and where receipts are kept in it. */
export type TurnStorage<Root extends StorageRoot> = HeldStorage<Root> & {
  readonly receiptLog: ReceiptLog;
  /** Whether uploads are staged in memory, from the first call on. */
  inMemory(): boolean;
  /** What is used of quotas, from the first call on; `undefined` while others have it. */
  usage(): Usage | undefined;
  /**
   * Holds a directory in it, until the turn ends, or another one is asked for.
   *
   * @param relative Segments with slashes between; empty for the storage's own.
   * @param make Makes it, where it is missing.
   * @throws An error with the operating system's code.
   */
  directory(relative: string, make?: () => Held): Held;
};

const held = new WeakMap<StorageRoot, TurnStorage<StorageRoot>>();

/**
 * Holds a storage for the rest of this turn of the event loop: what comes with one turn's packets, as many
 * small files do, is stored without looking for the same directories again for each.
 *
 * @throws {StorageUnavailableError} It is not there.
 */
export function holdForTurn<Root extends StorageRoot>(root: Root): TurnStorage<Root> {
  const there = held.get(root);
  if (there !== undefined) return there as TurnStorage<Root>;
  const storage = holdStorage(root);
  const receiptLog = new ReceiptLog(storage.receiptFiles);
  const last = new LastDirectory(storage.top);
  let usage: Usage | undefined;
  let inMemory: boolean | undefined;
  const turn = {
    ...storage,
    receiptLog,
    inMemory: () => inMemory ??= isInMemory(storage.staging),
    usage: () => usage ??= Usage.openNow(storage),
    directory: (relative: string, make?: () => Held) => last.hold(relative, make),
  };
  held.set(root, turn);
  setImmediate(() => {
    held.delete(root);
    usage?.[Symbol.dispose]();
    last[Symbol.dispose]();
    receiptLog[Symbol.dispose]();
    storage[Symbol.dispose]();
  });
  return turn;
}

/** Whether a storage stages uploads in memory, where flushing them is of no use; not if it is not there. */
export function isKeptInMemory(root: StorageRoot): boolean {
  try {
    return holdForTurn(root).inMemory();
  } catch {
    return false;
  }
}

/** The directory that was asked for last. */
class LastDirectory implements Disposable {
  readonly #top: Held;
  #last: { relative: string; directory: Held } | undefined;

  constructor(top: Held) {
    this.#top = top;
  }

  hold(relative: string, make: (() => Held) | undefined): Held {
    if (relative === "") return this.#top;
    if (this.#last?.relative === relative) return this.#last.directory;
    this[Symbol.dispose]();
    const directory = this.#open(relative, make);
    this.#last = { relative, directory };
    return directory;
  }

  [Symbol.dispose](): void {
    this.#last?.directory[Symbol.dispose]();
    this.#last = undefined;
  }

  #open(relative: string, make: (() => Held) | undefined): Held {
    try {
      return this.#top.openBelow(relative, "directory");
    } catch (error) {
      if (make === undefined || !isMissing(error)) throw error;
      return make();
    }
  }
}
