import { dirname } from "node:path";
import { NotADirectoryError } from "../errors.ts";

/** How often to begin again while others remove what was made. */
const MAX_ATTEMPTS = 10;

/**
 * Makes a directory and those above it that are missing. Others may remove them again at any time.
 *
 * If one cannot be made, those made before go again.
 *
 * @returns The directories that were not there before, from the top down.
 * @throws {NotADirectoryError} A file is where a directory should be.
 */
export function makeDirectories(path: string): Promise<string[]> {
  return makeMissing(path, MAX_ATTEMPTS);
}

/** @param attempts In some places, such as `/proc`, nothing can be made, and nothing says so. */
async function makeMissing(path: string, attempts: number): Promise<string[]> {
  try {
    await Deno.mkdir(path);
    return [path];
  } catch (error) {
    if (error instanceof Deno.errors.AlreadyExists) {
      await refuseFile(path);
      return [];
    }
    if (error instanceof Deno.errors.NotADirectory) {
      throw new NotADirectoryError(
        `Cannot make the directory "${path}": a part of its path is a file`,
      );
    }
    const missing = error instanceof Deno.errors.NotFound && dirname(path) !== path;
    if (!missing || attempts === 1) throw error;
  }
  const above = await makeDirectories(dirname(path));
  try {
    return [...above, ...await makeMissing(path, attempts - 1)];
  } catch (error) {
    await removeEmptyDirectories(above.reverse());
    throw error;
  }
}

async function refuseFile(path: string): Promise<void> {
  try {
    if ((await Deno.stat(path)).isDirectory) return;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return; // removed since: whoever needs it asks again
    throw error;
  }
  throw new NotADirectoryError(`Cannot make the directory "${path}": a file has its name`);
}

/**
 * Whether a file is where a path has a directory. Other systems say so when the path is used; Windows
 * only says that there is nothing.
 */
export async function isBelowFile(path: string): Promise<boolean> {
  for (let at = dirname(path); at !== dirname(at); at = dirname(at)) {
    try {
      return !(await Deno.stat(at)).isDirectory;
    } catch (error) {
      if (error instanceof Deno.errors.NotADirectory) return true;
      if (!(error instanceof Deno.errors.NotFound)) return false; // whoever goes there is told
    }
  }
  return false;
}

/** Removes directories, in the order given, until one is not empty. Never removes anything else. */
export async function removeEmptyDirectories(paths: Iterable<string>): Promise<void> {
  for (const path of paths) {
    try {
      await removeEmptyDirectory(path);
    } catch {
      return; // not empty, in use, or gone: all as good as done
    }
  }
}

/**
 * Removes a directory, and never anything else.
 *
 * @throws What the system says: it is no directory, or not empty, or has gone, or may not be removed.
 */
export async function removeEmptyDirectory(path: string): Promise<void> {
  const { rmdir } = await import("node:fs/promises");
  // Some versions of the runtime remove files as well.
  if (!(await Deno.lstat(path)).isDirectory) throw new Deno.errors.NotADirectory(path);
  await rmdir(path);
}
