import { setImmediate } from "node:timers";
import { type HeldStorage, holdStorage } from "../storage/held_root.ts";
import type { StorageRoot } from "../storage/storage_root.ts";
import { Usage } from "../storage/usage.ts";
import { ReceiptLog } from "./receipts.ts";

/** A storage that is held, and where receipts are kept in it. */
export type TurnStorage<Root extends StorageRoot> = HeldStorage<Root> & {
  readonly receiptLog: ReceiptLog;
  /** What is used of quotas, from the first call on; `undefined` while others have it. */
  usage(): Usage | undefined;
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
  let usage: Usage | undefined;
  const turn = { ...storage, receiptLog, usage: () => usage ??= Usage.openNow(storage) };
  held.set(root, turn);
  setImmediate(() => {
    held.delete(root);
    usage?.[Symbol.dispose]();
    receiptLog[Symbol.dispose]();
    storage[Symbol.dispose]();
  });
  return turn;
}
