import { removeIfThere } from "../../base/mod.ts";
import { isMissing } from "../storage/absence.ts";
import type { Held } from "../storage/held.ts";
import { holdDirectory } from "../storage/hold_directory.ts";
import { holdOwnFile } from "../storage/own_files.ts";
import { makeDirectoryBelow } from "../storage/stored_directories.ts";
import { uploadOwnerOf } from "./upload_key.ts";

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
}

/**
 * Writes down what is staged under a name that nobody can read. For people, and for those
 * who look for room where the file system reserves none.
 *
 * @param staging Where the upload is staged; the notes are in a directory beside.
 */
export async function writeNote(
  staging: string,
  owner: string,
  { name, size, promised }: UploadNote,
): Promise<void> {
  try {
    using names = makeNames(staging);
    const path = pathOf(names, owner);
    await removeIfThere(path);
    const options = { createNew: true, mode: 0o600 };
    await Deno.writeTextFile(path, JSON.stringify({ name, size, promised }), options);
  } catch (error) {
    // Another attempt has just done it.
    if (error instanceof Deno.errors.AlreadyExists) return;
    await removeNote(staging, owner);
  }
}

/** What was written down; `undefined` if nothing was. */
export async function readNote(
  staging: string,
  owner: string,
): Promise<UploadNote | undefined> {
  try {
    using names = holdNames(staging);
    using note = holdOwnFile(names, nameOf(owner));
    if (note === undefined) return undefined;
    const { name, size, promised } = JSON.parse(await Deno.readTextFile(note.path));
    if (typeof name !== "string" || !Number.isSafeInteger(size)) return undefined;
    return promised === true ? { name, size, promised } : { name, size };
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
  const owners = new Set<string>();
  for await (const { name } of Deno.readDir(staging)) {
    const owner = uploadOwnerOf(name);
    if (owner !== undefined) owners.add(owner);
  }
  try {
    using names = holdNames(staging);
    for await (const { name } of Deno.readDir(names.path)) {
      const owner = /^(put-[0-9a-f]{32})\.json$/.exec(name)?.[1];
      if (owner === undefined || owners.has(owner)) continue;
      const { mtime } = await Deno.lstat(pathOf(names, owner));
      if ((mtime?.getTime() ?? 0) < olderThan) await removeNote(staging, owner);
    }
  } catch (error) {
    if (!isMissing(error)) throw error;
  }
}

/** @throws An error with the operating system's code: `ENOENT` if there are no notes. */
function holdNames(staging: string): Held {
  using own = holdOwnDirectory(staging);
  return own.openBelow(NAMES, "directory");
}

function makeNames(staging: string): Held {
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
