import { hash } from "node:crypto";
import { join } from "node:path";
import { getLogger } from "@logtape/logtape";
import { type FilePutRequest, parseFileName } from "../protocol/mod.ts";
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
  const target = findPlace(root.path, parseFileName(request.name), request.overwrite === "always");
  if (target === undefined) return undefined;
  const sha256 = hash("sha256", bytes, "hex");
  if (sha256 !== content.subarray(request.size).toHex()) return undefined;
  const upload = noter(root, request, sha256);
  const staged = stagedPath(root.staging, upload?.owner ?? root.owner);
  try {
    const file = writeStaged(staged, bytes, request.mtime);
    if (target.replaces) {
      if (file !== undefined) upload?.note(file);
      Deno.renameSync(staged, target.path);
    } else {
      Deno.linkSync(staged, target.path);
    }
  } catch {
    removeQuietly(staged);
    return undefined;
  }
  upload?.note();
  if (!target.replaces) removeQuietly(staged);
  return sha256;
}

/** Where a file gets its name, and whether another one has it. */
interface Place {
  readonly path: string;
  readonly replaces: boolean;
}

/**
 * Looks for what is in the way: a symbolic link, a directory that is missing.
 *
 * @param replace Whether to look at the name itself; else whoever takes it finds out.
 */
function findPlace(root: string, segments: readonly string[], replace: boolean): Place | undefined {
  let path = root;
  for (const segment of segments.slice(0, -1)) {
    path = join(path, segment);
    if (!look(path)?.isDirectory) return undefined;
  }
  path = join(path, segments.at(-1) ?? "");
  const info = replace ? look(path) : undefined;
  if (info === undefined) return { path, replaces: false };
  return info.isFile ? { path, replaces: true } : undefined;
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
    note(file?: FileIdentity) {
      try {
        addReceiptSync(root.receipts, file === undefined ? { key, sha256 } : { key, sha256, file });
      } catch (error) {
        logger.warning("Cannot note that an upload is stored: {error}", { error });
      }
    },
  };
}

/** @returns What tells the file from others, where the system does. */
function writeStaged(
  path: string,
  bytes: Uint8Array,
  mtime: number | undefined,
): FileIdentity | undefined {
  using file = Deno.openSync(path, { write: true, createNew: true, mode: 0o644 });
  for (let written = 0; written < bytes.length;) written += file.writeSync(bytes.subarray(written));
  if (mtime !== undefined) file.utimeSync(new Date(), new Date(mtime));
  const info = file.statSync();
  return info.ino === null
    ? undefined
    : { ino: info.ino, size: info.size, mtime: info.mtime?.getTime() ?? 0 };
}

/** Whoever has taken the name away was too late, or has no use for it; what cannot be removed now is later. */
function removeQuietly(path: string): void {
  try {
    Deno.removeSync(path);
  } catch {
    // Nothing depends on it.
  }
}
