import { getLogger } from "@logtape/logtape";
import {
  removeOldReceipts,
  removeOldUploads,
  type StorageRoot,
  type TryLock,
} from "../transfer/mod.ts";

const logger = getLogger(["msquicd", "worker"]);

/** How often to look for what is too old, in milliseconds. */
const SWEEP_MS = 60 * 60_000;

/**
 * Removes what is too old of interrupted uploads and of receipts: now, and every hour until it is disposed
 * of. Nothing depends on it, so it only logs what goes wrong.
 */
export function startSweeping(storage: StorageRoot, tryLock: TryLock): Disposable {
  let sweeping = false;
  async function sweep(): Promise<void> {
    if (sweeping) return;
    sweeping = true;
    try {
      const count = await removeOldUploads(storage.staging, tryLock);
      if (count > 0) logger.info("Removed {count} uploads that nobody went on with", { count });
      await removeOldReceipts(storage.receipts);
    } catch (error) {
      logger.warning("Cannot remove old uploads: {error}", { error });
    }
    sweeping = false;
  }
  void sweep();
  const timer = setInterval(sweep, SWEEP_MS);
  return {
    [Symbol.dispose]() {
      clearInterval(timer);
    },
  };
}
