import { type KeptUpload, listKept, removeKept } from "./kept_uploads.ts";
import { removeOldRenamed } from "./renamed_notes.ts";
import type { TryLock } from "./take_over.ts";
import { RESUMABLE_SIZE } from "./resumable_size.ts";
import { removeOldNotes } from "./upload_notes.ts";

/** How long after its last byte an upload that was interrupted is kept, in milliseconds. */
const KEPT_MS = 24 * 60 * 60_000;

/** The same for one that nobody can go on with. */
const KEPT_SMALL_MS = 60 * 60_000;

/**
 * Removes the uploads that nobody has gone on with for a day; what is too small to go on with, after an
 * hour.
 *
 * @param directory Where they are staged.
 * @returns How many there were.
 */
export async function removeOldUploads(
  directory: string,
  tryLock: TryLock,
  now = Date.now(),
): Promise<number> {
  let count = 0;
  for (const upload of await listKept(directory)) {
    // Its receiver may be slow: it has the lock, unless it is gone.
    if (isOld(upload, now) && await removeKept(upload, tryLock, now)) count++;
  }
  await removeOldNotes(directory, now - KEPT_MS);
  await removeOldRenamed(directory, now);
  return count;
}

function isOld({ bytes, mtime }: KeptUpload, now: number): boolean {
  return now - mtime > (bytes < RESUMABLE_SIZE ? KEPT_SMALL_MS : KEPT_MS);
}
