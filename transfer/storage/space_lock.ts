import { setTimeout as delay } from "node:timers/promises";
import { FileLock } from "../../ffi/file_lock/file_lock.ts";

/** The file of the lock, in the storage's own directory beside the one of what is staged. */
const NAME = "space";

/** How long to wait for others, in milliseconds: whoever has the lock may have been stopped. */
const PATIENCE_MS = 2000;

/** How often to look, in milliseconds. */
const LOOK_MS = 3;

/**
 * Waits until nobody else, of whichever process, looks for room in the same storage.
 *
 * @returns Disposed of, it lets others look; `undefined` where there are no locks, or it takes too long.
 */
export async function lockSpace(staging: string): Promise<Disposable | undefined> {
  const deadline = performance.now() + PATIENCE_MS;
  while (performance.now() < deadline) {
    try {
      const lock = FileLock.tryAcquire(`${staging}/../${NAME}`);
      if (lock !== undefined) return lock;
    } catch {
      return undefined; // the file system has none, or no room for the file
    }
    await delay(LOOK_MS);
  }
  return undefined;
}
