import { setTimeout as delay } from "node:timers/promises";
import { removeIfThere } from "../../base/mod.ts";
import { FileLockError } from "../../ffi/file_lock/file_lock_error.ts";
import { renameFile } from "../storage/busy_file.ts";
import { listStaged, stagedPath } from "../storage/staged_names.ts";

/** Takes a lock on a file, held until it is disposed of or the process ends; `undefined`: someone has it. */
export type TryLock = (path: string) => Disposable | undefined;

/** How often to start again when others take over the same upload. */
const MAX_ATTEMPTS = 5;

/** How long those who have lost an upload may take to stop writing, in milliseconds. */
const PATIENCE_MS = 2000;

/** After which time nobody is at a file any more that nobody writes to, in milliseconds. */
const IDLE_MS = 60 * 60_000;

/** What systems say where a file system has no locks. */
const NO_LOCKS: ReadonlySet<string> = new Set([
  "ENOLCK",
  "ENOSYS",
  "EOPNOTSUPP",
  "ENOTSUP",
  "EINVAL",
]);

/** How often to look whether they have. */
const LOOK_MS = 25;

/**
 * Takes what is staged of an upload away from whoever receives it: the longest file gets a new temporary
 * name, which is the right to publish it, and the others are removed. So of all receivers only the last
 * one publishes; even one that was stopped long ago finds its file gone when it wakes up.
 *
 * It may still write to the file: {@linkcode whenFree} tells.
 *
 * @returns The new name; `undefined` if there is nothing.
 */
export async function takeOver(directory: string, owner: string): Promise<string | undefined> {
  for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
    const longest = await findLongest(await listStaged(directory, owner));
    if (longest === undefined) return undefined;
    const taken = stagedPath(directory, owner);
    try {
      await renameFile(longest, taken);
    } catch (error) {
      if (error instanceof Deno.errors.NotFound) continue;
      throw error;
    }
    // Looked for again, as others may have been made since: who looks last has the upload.
    await removeOthers(directory, owner, taken);
    if (await sizeOf(taken) !== undefined) return taken;
  }
  return undefined;
}

/** Removes what is staged of an upload, all but one file. */
export async function removeOthers(directory: string, owner: string, path: string): Promise<void> {
  for (const other of await listStaged(directory, owner)) {
    if (other !== path) await removeIfThere(other);
  }
}

/**
 * Waits until nobody can write to a staged file any more: who does, holds its lock.
 *
 * @param path The file's name, which nobody else uses.
 * @returns The lock; `undefined` if there is none to be had: whoever holds it is alive, but does not see
 * that it has lost the file. It has been stopped, for instance, and would write again when it goes on.
 */
export async function whenFree(path: string, tryLock: TryLock): Promise<Disposable | undefined> {
  const deadline = performance.now() + PATIENCE_MS;
  while (performance.now() < deadline) {
    const lock = lockIfPossible(path, tryLock);
    if (lock !== undefined) return lock;
    await delay(LOOK_MS);
  }
  return undefined;
}

/** Takes a file's lock; `undefined` also if the file system has none. */
export function lockIfPossible(path: string, tryLock: TryLock | undefined): Disposable | undefined {
  try {
    return tryLock?.(path);
  } catch {
    return undefined;
  }
}

/**
 * Takes a file's lock, to do away with the file: where the file system has no locks, nobody is at it that has
 * not written to it for long.
 *
 * @param mtime When something was last written to it, in milliseconds since 1970-01-01 UTC.
 * @returns `undefined`: somebody may be at it.
 */
export function lockIdle(
  { path, mtime }: { readonly path: string; readonly mtime: number },
  tryLock: TryLock | undefined,
  now = Date.now(),
): Disposable | undefined {
  try {
    return tryLock?.(path);
  } catch (error) {
    const lacksLocks = error instanceof FileLockError && NO_LOCKS.has(error.reason);
    return lacksLocks && now - mtime > IDLE_MS ? { [Symbol.dispose]() {} } : undefined;
  }
}

/** Whether a name still leads to an open file. */
export async function isNamed(file: Deno.FsFile, path: string): Promise<boolean> {
  try {
    const [open, named] = await Promise.all([file.stat(), Deno.lstat(path)]);
    return open.ino === named.ino && open.size === named.size;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

async function findLongest(paths: readonly string[]): Promise<string | undefined> {
  let longest: { path: string; size: number } | undefined;
  for (const path of paths) {
    const size = await sizeOf(path);
    if (size !== undefined && size >= (longest?.size ?? 0)) longest = { path, size };
  }
  return longest?.path;
}

/** A file's size; `undefined` if it is gone. */
export async function sizeOf(path: string): Promise<number | undefined> {
  return (await infoOf(path))?.size;
}

/** What is known of a file; `undefined` if it is gone. */
export async function infoOf(path: string): Promise<Deno.FileInfo | undefined> {
  try {
    return await Deno.lstat(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}
