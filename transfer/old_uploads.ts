import { join } from "node:path";
import { removeIfThere } from "./staged_file.ts";
import { lockIfPossible, type TryLock } from "./take_over.ts";
import { RESUMABLE_SIZE } from "./upload.ts";
import { isUploadName } from "./upload_key.ts";

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
  for await (const { name, isFile } of Deno.readDir(directory)) {
    if (!isFile || !isUploadName(name)) continue;
    const path = join(directory, name);
    if (!await isOld(path, now)) continue;
    // Its receiver may be slow: it has the lock, unless it is gone.
    const lock = lockIfPossible(path, tryLock);
    if (lock === undefined) continue;
    await removeIfThere(path);
    lock[Symbol.dispose]();
    count++;
  }
  return count;
}

async function isOld(path: string, now: number): Promise<boolean> {
  try {
    const { size, mtime } = await Deno.lstat(path);
    const kept = size < RESUMABLE_SIZE ? KEPT_SMALL_MS : KEPT_MS;
    return now - (mtime?.getTime() ?? now) > kept;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}
