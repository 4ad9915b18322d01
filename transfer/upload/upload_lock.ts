import { FileLock } from "../../ffi/file_lock/file_lock.ts";
import { FileLockError } from "../../ffi/file_lock/file_lock_error.ts";
import { makeWritable } from "./make_writable.ts";

/** Which byte of a file that is being received its receiver locks: one that no file has. */
export const RECEIVER_LOCK_OFFSET = 2 ** 52;

/** The bytes behind it, of which each who writes chunks to the file locks one. */
const CHUNK_LOCKS_OFFSET = RECEIVER_LOCK_OFFSET + 1;

/** How many may write chunks to one file at once. */
const MAX_CHUNK_WRITERS = 64;

/** Takes the lock of a staged file; see `UploadStorage`. */
export function lockUpload(path: string): FileLock | undefined {
  return tryLock(path, RECEIVER_LOCK_OFFSET);
}

/** Takes one of the locks of those who write chunks to a staged file; `undefined` if there are too many. */
export function lockForChunks(path: string): FileLock | undefined {
  for (let writer = 0; writer < MAX_CHUNK_WRITERS; writer++) {
    const lock = tryLock(path, CHUNK_LOCKS_OFFSET + writer);
    if (lock !== undefined) return lock;
  }
  return undefined;
}

/** Keeps everybody from writing chunks to a staged file; `undefined` if somebody does. */
export function lockAgainstChunks(path: string): FileLock | undefined {
  return tryLock(path, CHUNK_LOCKS_OFFSET, MAX_CHUNK_WRITERS);
}

function tryLock(path: string, offset: number, length = 1): FileLock | undefined {
  const acquire = () => FileLock.tryAcquire(path, offset, { create: false, length });
  try {
    return acquire();
  } catch (error) {
    const forbidden = error instanceof FileLockError && error.reason === "EACCES";
    if (!forbidden || !makeWritable(path)) throw error;
    return acquire();
  }
}
