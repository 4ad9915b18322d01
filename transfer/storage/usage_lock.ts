import { setTimeout as delay } from "node:timers/promises";
import { FileLock } from "../../ffi/file_lock/file_lock.ts";
import { ProtocolError } from "../../protocol/errors.ts";

/** The file of the lock, in the storage's own directory, and which byte of it: another one is for room. */
const NAME = "space";
const OFFSET = 1;

/** How long to wait for others, in milliseconds: whoever has the lock may be counting. */
const PATIENCE_MS = 30_000;

/** How often to look, in milliseconds: at first, and later on. */
const LOOK_MS = 2;
const LOOK_LATE_MS = 20;

/** After which time a client may try again that has waited in vain, in milliseconds. */
const RETRY_AFTER_MS = 5000;

/** What stands for the lock where the disk has none. */
const NO_LOCK: Disposable = { [Symbol.dispose]() {} };

/**
 * Waits until nobody else, of whichever process, changes what is counted.
 *
 * @param staging A directory in the storage's own.
 * @returns Disposed of, it lets others do so.
 * @throws {ProtocolError} `storage-unavailable`: it takes too long.
 */
export async function lockUsage(staging: string, signal?: AbortSignal): Promise<Disposable> {
  const since = performance.now();
  for (;;) {
    const lock = tryLockUsage(staging);
    if (lock !== undefined) return lock;
    const waited = performance.now() - since;
    if (waited > PATIENCE_MS) {
      throw new ProtocolError(
        "storage-unavailable",
        "Server has not found out in time how much of a quota is used; try again",
        { retryAfterMs: RETRY_AFTER_MS },
      );
    }
    signal?.throwIfAborted();
    await delay(waited < 100 ? LOOK_MS : LOOK_LATE_MS);
  }
}

/** Does so without waiting. @returns `undefined`: somebody has it. */
export function tryLockUsage(staging: string): Disposable | undefined {
  try {
    return FileLock.tryAcquire(`${staging}/../${NAME}`, OFFSET);
  } catch {
    return NO_LOCK; // the file system has none
  }
}
