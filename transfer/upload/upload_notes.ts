import { removeIfThere } from "../../base/mod.ts";
import { isMissing } from "../storage/absence.ts";
import type { Held } from "../storage/held.ts";
import { holdDirectory } from "../storage/hold_directory.ts";
import { holdOwnFile, writeOwnFile } from "../storage/own_files.ts";
import { makeDirectoryBelow } from "../storage/stored_directories.ts";
import { isStagedFile, noteKeyOf } from "./upload_key.ts";

/** The directory of the notes. */
const NAMES = "names";

/** What people are told of an upload that was interrupted. */
export interface UploadNote {
  /** What the file was to be called. */
  readonly name: string;
  /** How large it is, in bytes. */
  readonly size: number;
  /** Whether it was promised the room for that. */
  readonly promised?: boolean;
  /** Whether that counts for quotas. */
  readonly counts?: boolean;
  /** By which token it is stored. */
  readonly storer?: string;
  /** The file that it is to replace, which then counts no more. */
  readonly replaces?: { readonly bytes: number; readonly storer?: string };
}

/**
 * Writes down what is staged under a name that nobody can read. For people, and for those
 * who look for room where the file system reserves none, or in quotas.
 *
 * @param staging Where the upload is staged; the notes are in a directory beside.
 * @param key See {@linkcode noteKeyOf}.
 * @returns Whether it is written.
 */
export async function writeNote(staging: string, key: string, note: UploadNote): Promise<boolean> {
  try {
    using names = makeNames(staging);
    const path = pathOf(names, key);
    await removeIfThere(path);
    writeOwnFile(path, JSON.stringify(note));
    return true;
  } catch (error) {
    // Another attempt has just done it.
    if (error instanceof Deno.errors.AlreadyExists) return true;
    await removeNote(staging, key);
    return false;
  }
}

/** What was written down; `undefined` if nothing was. */
export async function readNote(staging: string, key: string): Promise<UploadNote | undefined> {
  try {
    using names = holdNames(staging);
    using file = holdOwnFile(names, nameOf(key));
    if (file === undefined) return undefined;
    const note = JSON.parse(await Deno.readTextFile(file.path));
    const { name, size, promised, counts, storer, replaces } = note;
    if (typeof name !== "string" || !Number.isSafeInteger(size)) return undefined;
    return {
      ...{ name, size },
      ...(promised === true ? { promised } : {}),
      ...(counts === true ? { counts } : {}),
      ...(typeof storer === "string" ? { storer } : {}),
      ...(Number.isSafeInteger(replaces?.bytes) ? { replaces } : {}),
    };
  } catch {
    return undefined;
  }
}

/** Removes what was written down, if anything was. */
export async function removeNote(staging: string, owner: string): Promise<void> {
  try {
    using names = holdNames(staging);
    await removeIfThere(pathOf(names, owner));
  } catch {
    // It is swept away later.
  }
}

/** Removes the notes of uploads of which nothing is staged any more. */
export async function removeOldNotes(staging: string, olderThan: number): Promise<void> {
  const keys = new Set<string>();
  for await (const { name } of Deno.readDir(staging)) {
    if (isStagedFile(name)) keys.add(noteKeyOf(name));
  }
  try {
    using names = holdNames(staging);
    for await (const { name } of Deno.readDir(names.path)) {
      const key = /^((?:put|worker)-[0-9A-Za-z_-]+)\.json$/.exec(name)?.[1];
      if (key === undefined || keys.has(key)) continue;
      const { mtime } = await Deno.lstat(pathOf(names, key));
      if ((mtime?.getTime() ?? 0) < olderThan) await removeNote(staging, key);
    }
  } catch (error) {
    if (!isMissing(error)) throw error;
  }
}

/** The directory of the notes. @throws An error with the operating system's code: `ENOENT` if there are no notes. */
export function holdNames(staging: string): Held {
  using own = holdOwnDirectory(staging);
  return own.openBelow(NAMES, "directory");
}

/** The same, made if it is missing. */
export function makeNames(staging: string): Held {
  using own = holdOwnDirectory(staging);
  return makeDirectoryBelow(own, [NAMES], [], 0o700);
}

function holdOwnDirectory(staging: string): Held {
  // Not by the path's own text, which may lead to a directory that is held, wherever that is.
  return holdDirectory(`${staging}/..`);
}

function pathOf(names: Held, owner: string): string {
  return `${names.path}/${nameOf(owner)}`;
}

function nameOf(owner: string): string {
  return `${owner}.json`;
}
