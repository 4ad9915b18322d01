import { FileLock } from "../../ffi/file_lock/file_lock.ts";

/** Which byte of a staged file its receiver locks: one that no file has. */
const LOCK_OFFSET = 2 ** 52;

/** Takes the lock of a staged file; see `UploadStorage`. */
export function lockUpload(path: string): FileLock | undefined {
  return FileLock.tryAcquire(path, LOCK_OFFSET, { create: false });
}
