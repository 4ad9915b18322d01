import { hash } from "node:crypto";
import { getLogger } from "@logtape/logtape";
import { type FilePutRequest, parseFileName } from "../../protocol/mod.ts";
import { isMissing } from "../storage/absence.ts";
import { FileExistsError, NotAFileError } from "../errors.ts";
import { DEFAULT_MODE, modeHere } from "../storage/file_mode.ts";
import { noteHashOf } from "../storage/hash_note.ts";
import type { Held } from "../storage/held.ts";
import { checkDirectories, checkEntry } from "./known_directories.ts";
import type { FileIdentity } from "./receipts.ts";
import { noteStorer } from "../storage/storer_note.ts";
import { countingNow } from "../storage/usage_now.ts";
import { stagedName } from "../storage/staged_names.ts";
import { makeDirectoryBelow, removeEmptyBelow } from "../storage/stored_directories.ts";
import type { StorageRoot } from "../storage/storage_root.ts";
import { holdForTurn, type TurnStorage } from "./turn_storage.ts";
import { receiptKey, stagedAs } from "./upload_key.ts";

const logger = getLogger(["msquicd", "transfer"]);

/**
 * Up to this size, in bytes, a file is small: stored at once, on the thread that runs everything else, as
 * handing each step to another thread takes longer than the step.
 */
export const SMALL_SIZE = 64 * 1024;

/** Of its owner: without it, nothing can be noted with a file. */
const OWNER_WRITES = 0o200;

/** A storage, and in whose name files without an id are staged in it. */
export interface OwnedRoot extends StorageRoot {
  readonly owner: string;
}

/**
 * Stores a small file in the steps in which a larger one is stored, but in one go: whoever looks sees what
 * was there before, or the whole new file, and if this process is killed at any step, a repetition is told
 * from another upload.
 *
 * @param content The file's bytes and, behind them, their SHA-256.
 * @param storer Name of the token that stores it.
 * @returns The SHA-256 in hexadecimal; `undefined` if nothing was stored, as something is in the way: what
 * that is, the steps of a larger file tell.
 * @throws {InvalidNameError}
 * @throws {FileExistsError} A file without an id is not to replace the one that is there.
 */
export function storeAtOnce(
  root: OwnedRoot,
  request: FilePutRequest,
  content: Uint8Array,
  storer?: string,
): string | undefined {
  const bytes = content.subarray(0, request.size);
  const segments = parseFileName(request.name);
  const sha256 = hash("sha256", bytes, "hex");
  if (sha256 !== content.subarray(request.size).toHex()) return undefined;
  const made: string[] = [];
  const held = holdQuietly(root);
  if (held === undefined || !held.space.take(held.staging, bytes.length)) return undefined;
  const counts = root.quotas.concerns(request.name);
  const usage = counts ? held.usage() : undefined;
  if (counts && usage === undefined) return undefined;
  const upload = noter(held, request, sha256);
  const staged = stagedName(upload?.owner ?? root.owner);
  try {
    const name = segments.pop() ?? "";
    const directory = held.directory(
      segments.join("/"),
      () => makeDirectoryBelow(held.top, segments, made),
    );
    checkDirectories(held.top, segments);
    const replaces = request.overwrite === "always" && isFileThere(directory, name);
    if (replaces) checkEntry(directory, name);
    writeStaged(held.uploads, staged, bytes, request, { sha256, storer });
    const changed = { name: request.name, path: `${directory.path}/${name}` };
    countingNow(held, usage, changed, { bytes: bytes.length, storer }, () => {
      if (replaces) {
        const path = `${held.staging}/${staged}`;
        const file = identityOf(path);
        if (file !== undefined) upload?.note(file);
        Deno.renameSync(path, changed.path);
      } else {
        linkNew(held.uploads, staged, directory, name, request);
      }
    });
    upload?.note();
    if (!replaces) removeQuietly(held.uploads, staged);
    return sha256;
  } catch (error) {
    removeQuietly(held.uploads, staged);
    removeEmptyBelow(held.top, made.reverse());
    // One with an id may have been stored by an attempt before.
    if (error instanceof FileExistsError && upload === undefined) throw error;
    return undefined;
  }
}

/** `undefined`: the storage cannot be used; why, the steps of a larger file tell. */
function holdQuietly(root: OwnedRoot): TurnStorage<OwnedRoot> | undefined {
  try {
    return holdForTurn(root);
  } catch {
    return undefined;
  }
}

/** @throws {FileExistsError} A file has the name, and is not to be replaced. @throws Anything else is in the way. */
function linkNew(
  staging: Held,
  stagedName: string,
  directory: Held,
  name: string,
  { name: wholeName, overwrite = "never" }: FilePutRequest,
): void {
  try {
    staging.linkEntry(stagedName, directory, name);
  } catch (error) {
    if (overwrite !== "never" || !isFileThere(directory, name)) throw error;
    throw new FileExistsError(`Cannot store "${wholeName}": a file is there already`);
  }
}

/** @throws {NotAFileError} Something else has the name. */
function isFileThere(directory: Held, name: string): boolean {
  try {
    if (directory.statEntry(name).kind === "file") return true;
  } catch (error) {
    if (isMissing(error)) return false;
    throw error;
  }
  throw new NotAFileError(`Cannot store "${name}": it is not a regular file`);
}

/** Notes for those who ask again; `undefined` if the upload has no id to ask with. */
function noter({ receiptLog }: TurnStorage<OwnedRoot>, request: FilePutRequest, sha256: string) {
  const { id, name, size, part } = request;
  if (id === undefined) return undefined;
  const subject = { id, name, size };
  const key = receiptKey(subject);
  return {
    owner: stagedAs(part === undefined ? subject : { ...subject, part }),
    /** With `file`: that it is about to replace another. */
    note(file?: FileIdentity) {
      try {
        receiptLog.add(file === undefined ? { key, sha256 } : { key, sha256, file });
      } catch (error) {
        logger.warning("Cannot note that an upload is stored: {error}", { error });
      }
    },
  };
}

function writeStaged(
  directory: Held,
  name: string,
  bytes: Uint8Array,
  { mtime, mode = DEFAULT_MODE }: FilePutRequest,
  { sha256, storer }: { sha256: string; storer: string | undefined },
): void {
  const wanted = modeHere(mode) ?? DEFAULT_MODE;
  using file = directory.createEntry(name, wanted | OWNER_WRITES);
  file.writeSync(bytes);
  if (mtime !== undefined) file.utimeSync(mtime);
  const size = bytes.length;
  // Not the time that was asked for, of which some disks keep whole seconds.
  noteHashOf(file, sha256, { size, mtime: directory.statEntry(name).mtime });
  const path = `${directory.path}/${name}`;
  if (storer !== undefined) noteStorer(path, storer);
  if ((wanted & OWNER_WRITES) === 0) Deno.chmodSync(path, wanted);
}

/** What tells a file from others; `undefined` where the system does not tell. */
function identityOf(path: string): FileIdentity | undefined {
  const { ino, size, mtime } = Deno.lstatSync(path);
  return ino === null ? undefined : { ino, size, mtime: mtime?.getTime() ?? 0 };
}

/** What cannot be removed now is removed later, and what is no longer there was taken over too late. */
function removeQuietly(directory: Held, name: string): void {
  try {
    directory.removeEntry(name);
  } catch {
    // Nothing depends on it.
  }
}
