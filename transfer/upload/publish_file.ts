import { isThere, removeIfThere } from "../../base/mod.ts";
import { renameNew } from "../../ffi/files/rename_new.ts";
import { SystemError } from "../../ffi/files/system_error.ts";
import type { Durability } from "../../base/durability.ts";
import type { OverwritePolicy } from "../../protocol/file_bodies.ts";
import { isMissing } from "../storage/absence.ts";
import { removeName, renameFile } from "../storage/busy_file.ts";
import { copyName, copyStaged } from "../storage/copy_beside.ts";
import { isBelowFile } from "../storage/directories.ts";
import {
  fileError,
  FileExistsError,
  IsADirectoryError,
  NotADirectoryError,
  NotAFileError,
  NotNewerError,
  spaceError,
  SymbolicLinkError,
} from "../errors.ts";
import { type HeldPlace, type Place, placeOf } from "../storage/place.ts";
import { isOnOtherDevice } from "../storage/system_error.ts";

/** How often to start again when others make and remove the same names at the same time. */
const MAX_ATTEMPTS = 10;

/** Is told of the steps of publishing; what it throws ends it there. */
export interface PublishWitness {
  /** The file `path` is about to get its name, in one step after which nothing else tells of it. */
  replacing(path: string): Promise<void>;
  /** The file has its new name; if it replaces none, it still has the old one as well. */
  placed(): Promise<void>;
}

/** How {@linkcode publishFile} goes about it. */
export interface PublishSteps {
  /** Of the file, to compare with that of the one that is there, in milliseconds since 1970-01-01 UTC. */
  readonly mtime: number;
  /** What is flushed to the disk; the file itself was, before. */
  readonly durability: Durability;
  readonly witness?: PublishWitness | undefined;
}

/** Makes the file `from` appear at `to`, whole; see {@linkcode StagedFile.publish}. */
export async function publishFile(
  from: string,
  to: Place,
  overwrite: OverwritePolicy,
  { mtime, durability, witness }: PublishSteps,
): Promise<void> {
  const steps = {
    replacing: async (path: string) => await witness?.replacing(path),
    placed: async () => {
      // Before anybody is told, and before the temporary name, which leads to the file as well, goes.
      if (durability === "full") await to.flush();
      await witness?.placed();
    },
  };
  try {
    for (let attempt = 1;; attempt++) {
      using held = await hold(to, attempt > 1);
      await to.refuseOtherNames?.();
      if (held !== undefined) {
        const placing = { held, to, overwrite, mtime, durability };
        if (await place(from, placing, steps)) return;
      }
      if (attempt > MAX_ATTEMPTS) throw new Error(`Others keep changing what is at "${to.name}"`);
    }
  } catch (cause) {
    await to.unmake();
    throw fileError(cause, `Cannot store "${to.name}"`);
  }
}

/**
 * Checks whether a file could be published, without doing anything.
 *
 * @returns Whether it would replace another.
 * @throws {FileExistsError | NotNewerError} Another file has the name, and is not to be replaced.
 * @throws {NotAFileError | SymbolicLinkError} Something else has it.
 * @throws {NotADirectoryError} A part of the path is a file.
 * @throws {SymbolicLinkError} There is one on the way to a stored file.
 */
export async function checkTarget(
  target: Place | string,
  overwrite: OverwritePolicy,
  mtime: number,
): Promise<boolean> {
  const to = placeOf(target);
  using held = await hold(to, false);
  await to.refuseOtherNames?.();
  return held !== undefined && await isReplaced(held.path, to.name, overwrite, mtime);
}

/** @returns `undefined` if the directory is not there. */
async function hold(to: Place, make: boolean): Promise<HeldPlace | undefined> {
  try {
    return await (make ? to.make() : to.hold());
  } catch (error) {
    if (isMissing(error)) return undefined; // others have removed what was made
    if (error instanceof SystemError && error.code === "ENOTDIR") throw belowFile(to.name);
    throw fileError(error, `Cannot store "${to.name}"`);
  }
}

async function isReplaced(
  path: string,
  name: string,
  overwrite: OverwritePolicy,
  mtime: number,
): Promise<boolean> {
  const existing = await lookAt(path, name);
  if (existing === undefined) return false;
  if (existing.isDirectory) {
    throw new IsADirectoryError(`Cannot store "${name}": it is a directory`);
  }
  if (existing.isSymlink) {
    throw new SymbolicLinkError(`Cannot store "${name}": it is a symbolic link`);
  }
  if (!existing.isFile) {
    throw new NotAFileError(`Cannot store "${name}": it is not a regular file`);
  }
  if (overwrite === "never") throw fileExists(name);
  if (overwrite === "newer" && mtime <= (existing.mtime?.getTime() ?? 0)) {
    throw new NotNewerError(`Cannot store "${name}": the file there is as new or newer`);
  }
  return true;
}

/** What is there; `undefined` if nothing is. */
async function lookAt(path: string, name: string): Promise<Deno.FileInfo | undefined> {
  try {
    return await Deno.lstat(path);
  } catch (error) {
    const missing = error instanceof Deno.errors.NotFound;
    if (missing && !await isBelowFile(path)) return undefined;
    if (!missing && !(error instanceof Deno.errors.NotADirectory)) {
      throw fileError(error, `Cannot store "${name}"`);
    }
    throw belowFile(name);
  }
}

/** Where a file is to appear, and how. */
interface Placing {
  readonly held: HeldPlace;
  readonly to: Place;
  readonly overwrite: OverwritePolicy;
  readonly mtime: number;
  readonly durability: Durability;
}

/** @returns Whether it is done; else a directory is missing, or the name was taken a moment ago. */
async function place(
  from: string,
  { held, to, overwrite, mtime, durability }: Placing,
  witness: PublishWitness,
): Promise<boolean> {
  const replaces = await isReplaced(held.path, to.name, overwrite, mtime);
  // It may have come since the look before, and be called otherwise.
  if (replaces) await to.refuseOtherNames?.();
  try {
    await counted(to, held.path, () => placeHere(from, held.path, replaces, witness))
      .catch(async (error) => {
        const { noteCopy } = to;
        if (!isOnOtherDevice(error) || noteCopy === undefined) throw error;
        await placeCopy(from, { held, durability, to: { ...to, noteCopy } }, replaces, witness);
      });
    return true;
  } catch (error) {
    // Somebody was faster: what is there now is looked at again.
    if (error instanceof FileExistsError && overwrite !== "never") return false;
    if (error instanceof Deno.errors.NotFound && await isThere(from)) return false;
    throw error;
  }
}

/** Does what changes the file at a place, counted. */
export function counted(to: Place, path: string, step: () => Promise<void>): Promise<void> {
  return to.counted === undefined ? step() : to.counted(path, step);
}

async function placeHere(
  from: string,
  to: string,
  replaces: boolean,
  witness: PublishWitness,
): Promise<void> {
  if (replaces) await replace(from, to, witness);
  else await placeAsNew(from, to, witness);
}

/**
 * Puts a copy in place, where a file cannot be moved to: it is made beside, under a name that no client
 * can see, and moved from there in one step.
 */
async function placeCopy(
  from: string,
  { held: { directory, path }, durability, to }: Pick<Placing, "held" | "durability"> & {
    to: Place & Required<Pick<Place, "noteCopy">>;
  },
  replaces: boolean,
  witness: PublishWitness,
): Promise<void> {
  const fileName = copyName();
  const copy = `${directory}/${fileName}`;
  const flushes = durability !== "none";
  await using _noted = await to.noteCopy(fileName, flushes);
  try {
    const prepared = await to.reserved?.moveTo(copy) ?? false;
    await copyStaged(from, copy, { createNew: !prepared, flushes });
    // Only who has the temporary name may publish; copying takes long enough for others to take it over.
    if (!await isThere(from)) throw new Deno.errors.NotFound(`Others have taken "${from}" over`);
    // Afterwards nothing but this tells that it was done: the staged file is another one.
    await witness.replacing(copy);
    const { placed } = witness;
    await counted(to, path, async () => {
      await placeHere(copy, path, replaces, { replacing: () => Promise.resolve(), placed });
      await removeIfThere(from);
    });
  } finally {
    await removeIfThere(copy);
  }
}

async function replace(from: string, to: string, witness: PublishWitness): Promise<void> {
  await witness.replacing(from);
  await renameFile(from, to);
  await witness.placed();
}

async function placeAsNew(from: string, to: string, witness: PublishWitness): Promise<void> {
  try {
    await Deno.link(from, to);
  } catch (error) {
    if (error instanceof Deno.errors.AlreadyExists) throw fileExists(to);
    if (error instanceof Deno.errors.NotFound || isOnOtherDevice(error)) throw error;
    if (spaceError(error, "") !== undefined) throw error;
    await witness.replacing(from);
    await placeWithoutLink(from, to);
    return await witness.placed();
  }
  await witness.placed();
  try {
    await removeName(from);
  } catch (error) {
    // Whoever has taken the name away was too late: the file is published.
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
}

/** What takes the place of a hard link where the file system has none: FAT, some of FUSE and SMB. */
async function placeWithoutLink(from: string, to: string): Promise<void> {
  switch (renameNew(from, to)) {
    case "done":
      return;
    case "exists":
      throw fileExists(to);
    case "unsupported":
      await placeByClaim(from, to);
  }
}

/**
 * What takes the place of a step that gives a name only if nobody has it: the name is claimed with an empty
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

function fileExists(path: string): FileExistsError {
  return new FileExistsError(`Cannot store "${path}": a file is there already`);
}

function belowFile(name: string): NotADirectoryError {
  return new NotADirectoryError(`Cannot store "${name}": a part of its path is a file`);
}
