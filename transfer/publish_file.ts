import { dirname } from "node:path";
import type { OverwritePolicy } from "../protocol/mod.ts";
import { removeName, renameFile } from "./busy_file.ts";
import { isBelowFile, makeDirectories, removeEmptyDirectories } from "./directories.ts";
import { fileError, FileExistsError, NotAFileError } from "./errors.ts";

/** How often to start again when others make and remove the same names at the same time. */
const MAX_ATTEMPTS = 10;

/** Makes the file `from` appear as `to`, whole; see {@linkcode StagedFile.publish}. */
export async function publishFile(
  from: string,
  to: string,
  overwrite: OverwritePolicy,
  mtime: number,
): Promise<void> {
  const made: string[] = [];
  try {
    for (let attempt = 1; !await place(from, to, overwrite, mtime); attempt++) {
      if (attempt === MAX_ATTEMPTS) throw new Error(`Others keep changing what is at "${to}"`);
      made.push(...await makeDirectories(dirname(to)));
    }
  } catch (cause) {
    await removeEmptyDirectories(made.reverse());
    throw fileError(cause, `Cannot store "${to}"`);
  }
}

/**
 * Checks whether a file could be published, without doing anything.
 *
 * @returns Whether it would replace another.
 * @throws {FileExistsError} Another file has the name, and is not to be replaced.
 * @throws {NotAFileError} A directory or the like has it.
 */
export async function checkTarget(
  path: string,
  overwrite: OverwritePolicy,
  mtime: number,
): Promise<boolean> {
  const existing = await lookAt(path);
  if (existing === undefined) return false;
  if (!existing.isFile) throw new NotAFileError(`Cannot store "${path}": it is not a regular file`);
  if (overwrite === "never") throw fileExists(path);
  if (overwrite === "newer" && mtime <= (existing.mtime?.getTime() ?? 0)) {
    throw new FileExistsError(`Cannot store "${path}": the file there is as new or newer`);
  }
  return true;
}

/** What has the name; `undefined` if nothing has. */
async function lookAt(path: string): Promise<Deno.FileInfo | undefined> {
  try {
    return await Deno.lstat(path);
  } catch (error) {
    const missing = error instanceof Deno.errors.NotFound;
    if (missing && !await isBelowFile(path)) return undefined;
    if (!missing && !(error instanceof Deno.errors.NotADirectory)) {
      throw fileError(error, `Cannot store "${path}"`);
    }
    throw new FileExistsError(`Cannot store "${path}": a part of its path is a file`);
  }
}

/** @returns Whether it is done; else a directory is missing, or the name was taken a moment ago. */
async function place(
  from: string,
  to: string,
  overwrite: OverwritePolicy,
  mtime: number,
): Promise<boolean> {
  const replaces = await checkTarget(to, overwrite, mtime);
  try {
    if (overwrite === "always" || replaces) await renameFile(from, to);
    else await placeAsNew(from, to);
    return true;
  } catch (error) {
    if (error instanceof FileExistsError && overwrite === "newer") return false; // compare again
    if (error instanceof Deno.errors.NotFound && await isThere(from)) return false;
    throw error;
  }
}

async function placeAsNew(from: string, to: string): Promise<void> {
  try {
    await Deno.link(from, to);
  } catch (error) {
    if (error instanceof Deno.errors.AlreadyExists) throw fileExists(to);
    if (error instanceof Deno.errors.NotFound) throw error;
    return await placeByClaim(from, to);
  }
  await removeName(from);
}

/**
 * What takes the place of a hard link where the file system has none: the name is claimed with an empty
 * file, which is then replaced. So of several at once still only one succeeds, but for a moment the empty
 * file can be seen.
 */
export async function placeByClaim(from: string, to: string): Promise<void> {
  try {
    (await Deno.open(to, { write: true, createNew: true })).close();
  } catch (error) {
    throw error instanceof Deno.errors.AlreadyExists ? fileExists(to) : error;
  }
  try {
    await renameFile(from, to);
  } catch (error) {
    await Deno.remove(to);
    throw error;
  }
}

async function isThere(path: string): Promise<boolean> {
  try {
    await Deno.lstat(path);
    return true;
  } catch {
    return false;
  }
}

function fileExists(path: string): FileExistsError {
  return new FileExistsError(`Cannot store "${path}": a file is there already`);
}
