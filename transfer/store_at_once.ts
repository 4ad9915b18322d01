import { hash } from "node:crypto";
import { sep as SEPARATOR } from "node:path";
import { getLogger } from "@logtape/logtape";
import { type FilePutRequest, parseFileName } from "../protocol/mod.ts";
import { NotADirectoryError, NotAFileError } from "./errors.ts";
import { addReceiptSync, type FileIdentity } from "./receipts.ts";
import { stagedPath } from "./staged_file.ts";
import type { StorageRoot } from "./storage_root.ts";
import { receiptKey, stagedAs } from "./upload_key.ts";

const logger = getLogger(["msquicd", "transfer"]);

/**
 * Up to this size, in bytes, a file is small: stored at once, on the thread that runs everything else, as
 * handing each step to another thread takes longer than the step.
 */
export const SMALL_SIZE = 64 * 1024;

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
 * @returns The SHA-256 in hexadecimal; `undefined` if nothing was stored, as something is in the way: what
 * that is, the steps of a larger file tell.
 * @throws {InvalidNameError}
 */
export function storeAtOnce(
  root: OwnedRoot,
  request: FilePutRequest,
  content: Uint8Array,
): string | undefined {
  const bytes = content.subarray(0, request.size);
  const segments = parseFileName(request.name);
  const sha256 = hash("sha256", bytes, "hex");
  if (sha256 !== content.subarray(request.size).toHex()) return undefined;
  const upload = noter(root, request, sha256);
  const staged = stagedPath(root.staging, upload?.owner ?? root.owner);
  const made: string[] = [];
  try {
    const target = preparePlace(root.path, segments, made);
    const replaces = request.overwrite === "always" && isFileThere(target);
    writeStaged(staged, bytes, request.mtime);
    if (replaces) {
      const file = identityOf(staged);
      if (file !== undefined) upload?.note(file);
      Deno.renameSync(staged, target);
    } else {
      Deno.linkSync(staged, target);
    }
    upload?.note();
    if (!replaces) removeQuietly(staged);
    return sha256;
  } catch {
    removeQuietly(staged, ...made.reverse());
    return undefined;
  }
}

/**
 * Makes the directories that are missing.
 *
 * @param made Takes those that were.
 * @returns The file's path.
 * @throws Something is in the way.
 */
function preparePlace(root: string, segments: readonly string[], made: string[]): string {
  let path = root;
  for (const segment of segments.slice(0, -1)) {
    path += SEPARATOR + segment;
    const info = look(path);
    if (info === undefined) {
      Deno.mkdirSync(path);
      made.push(path);
    } else if (!info.isDirectory) {
      throw new NotADirectoryError(`Cannot make the directory "${path}": something has its name`);
    }
  }
  return `${path}${SEPARATOR}${segments.at(-1) ?? ""}`;
}

/** @throws {NotAFileError} Something else has the name. */
function isFileThere(path: string): boolean {
  const info = look(path);
  if (info === undefined || info.isFile) return info !== undefined;
  throw new NotAFileError(`Cannot store "${path}": it is not a regular file`);
}

/** What has a name, without following links; `undefined` if there is nothing, or it cannot be told. */
function look(path: string): Deno.FileInfo | undefined {
  try {
    return Deno.lstatSync(path);
  } catch {
    return undefined;
  }
}

/** Notes for those who ask again; `undefined` if the upload has no id to ask with. */
function noter(root: OwnedRoot, request: FilePutRequest, sha256: string) {
  const { id, name, size, part } = request;
  if (id === undefined) return undefined;
  const subject = { id, name, size };
  const key = receiptKey(subject);
  return {
    owner: stagedAs(part === undefined ? subject : { ...subject, part }),
    /** With `file`: that it is about to replace another. */
    note(file?: FileIdentity) {
      try {
        addReceiptSync(root.receipts, file === undefined ? { key, sha256 } : { key, sha256, file });
      } catch (error) {
        logger.warning("Cannot note that an upload is stored: {error}", { error });
      }
    },
  };
}

function writeStaged(path: string, bytes: Uint8Array, mtime: number | undefined): void {
  using file = Deno.openSync(path, { write: true, createNew: true, mode: 0o644 });
  for (let written = 0; written < bytes.length;) written += file.writeSync(bytes.subarray(written));
  if (mtime !== undefined) file.utimeSync(new Date(), new Date(mtime));
}

/** What tells a file from others; `undefined` where the system does not tell. */
function identityOf(path: string): FileIdentity | undefined {
  const { ino, size, mtime } = Deno.lstatSync(path);
  return ino === null ? undefined : { ino, size, mtime: mtime?.getTime() ?? 0 };
}

/** What cannot be removed now is removed later, and what is no longer there was taken over too late. */
function removeQuietly(...paths: string[]): void {
  for (const path of paths) {
    try {
      Deno.removeSync(path);
    } catch {
      // Nothing depends on it.
    }
  }
}
