import { dirname } from "node:path";
import type { OverwritePolicy } from "../protocol/mod.ts";
import { removeName, renameFile } from "./busy_file.ts";
import { isBelowFile, makeDirectories, removeEmptyDirectories } from "./directories.ts";
import {
  fileError,
  FileExistsError,
  IsADirectoryError,
  NotADirectoryError,
  NotAFileError,
  NotNewerError,
} from "./errors.ts";

/** How often to start again when others make and remove the same names at the same time. */
const MAX_ATTEMPTS = 10;

/** Is told of the steps of publishing; what it throws ends it there. */
export interface PublishWitness {
  /** The file is about to replace another, in one step that takes its old name away. */
  replacing(): Promise<void>;
  /** The file has its new name; if it replaces none, it still has the old one as well. */
  placed(): Promise<void>;
}

/** Makes the file `from` appear as `to`, whole; see {@linkcode StagedFile.publish}. */
export async function publishFile(
  from: string,
  to: string,
  overwrite: OverwritePolicy,
  mtime: number,
  witness?: PublishWitness,
): Promise<void> {
  const made: string[] = [];
  try {
    for (let attempt = 1; !await place(from, to, overwrite, mtime, witness); attempt++) {
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
 * @throws {FileExistsError | NotNewerError} Another file has the name, and is not to be replaced.
 * @throws {IsADirectoryError | NotAFileError} Something else has it.
 * @throws {NotADirectoryError} A part of the path is a file.
 */
export async function checkTarget(
  path: string,
  overwrite: OverwritePolicy,
  mtime: number,
): Promise<boolean> {
  const existing = await lookAt(path);
  if (existing === undefined) return false;
  if (existing.isDirectory) {
    throw new IsADirectoryError(`Cannot store "${path}": it is a directory`);
  }
  if (!existing.isFile) throw new NotAFileError(`Cannot store "${path}": it is not a regular file`);
  if (overwrite === "never") throw fileExists(path);
  if (overwrite === "newer" && mtime <= (existing.mtime?.getTime() ?? 0)) {
    throw new NotNewerError(`Cannot store "${path}": the file there is as new or newer`);
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
    throw new NotADirectoryError(`Cannot store "${path}": a part of its path is a file`);
  }
}

/** @returns Whether it is done; else a directory is missing, or the name was taken a moment ago. */
async function place(
  from: string,
  to: string,
  overwrite: OverwritePolicy,
  mtime: number,
  witness: PublishWitness | undefined,
): Promise<boolean> {
  const replaces = await checkTarget(to, overwrite, mtime);
  try {
    if (overwrite === "always" || replaces) await replace(from, to, witness);
    else await placeAsNew(from, to, witness);
    return true;
  } catch (error) {
    if (error instanceof FileExistsError && overwrite === "newer") return false; // compare again
    if (error instanceof Deno.errors.NotFound && await isThere(from)) return false;
    throw error;
  }
}

async function replace(from: string, to: string, witness?: PublishWitness): Promise<void> {
  await witness?.replacing();
  await renameFile(from, to);
  await witness?.placed();
}

async function placeAsNew(from: string, to: string, witness?: PublishWitness): Promise<void> {
  try {
    await Deno.link(from, to);
  } catch (error) {
    if (error instanceof Deno.errors.AlreadyExists) throw fileExists(to);
    if (error instanceof Deno.errors.NotFound) throw error;
    await witness?.replacing();
    await placeByClaim(from, to);
    return await witness?.placed();
  }
  await witness?.placed();
  try {
    await removeName(from);
  } catch (error) {
    // Whoever has taken the name away was too late: the file is published.
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
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
