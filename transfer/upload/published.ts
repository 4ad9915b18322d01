import { getLogger } from "@logtape/logtape";
import { isGone, isMissing } from "../storage/absence.ts";
import { hashPrefix } from "../hash_prefix.ts";
import type { Place } from "../storage/place.ts";
import { addReceipt, type FileIdentity, findReceipt } from "./receipts.ts";
import { listStaged, removeLeftovers } from "../storage/staged_names.ts";
import type { StorageRoot } from "../storage/storage_root.ts";
import { receiptKey, stagedAs, type UploadSubject } from "./upload_key.ts";

const logger = getLogger(["msquicd", "transfer"]);

/**
 * Finds out whether an upload was published before, by this process or another. If so, what is left of it
 * under temporary names is removed.
 *
 * @param target Where it is published.
 * @returns The SHA-256 of its bytes, in hexadecimal; `undefined` if it was not.
 */
export async function findPublished(
  root: StorageRoot,
  upload: UploadSubject,
  target: Place,
): Promise<string | undefined> {
  const sha256 = await findNote(root, upload, target) ?? await findTrace(root, upload, target);
  if (sha256 !== undefined) await removeLeftovers(root.staging, stagedAs(upload));
  return sha256;
}

/**
 * There is a receipt, mostly; or a note of which file was about to replace another, and it did. From before the
 * system was started, it may have lasted longer than what it tells of: then the file itself is looked at.
 */
async function findNote(
  root: StorageRoot,
  upload: UploadSubject,
  target: Place,
): Promise<string | undefined> {
  const receipt = await findReceipt(root.receipts, receiptKey(upload));
  if (receipt === undefined) return undefined;
  const { file, sha256, earlier = false } = receipt;
  if (file !== undefined && !isFile(await identityAt(target), file)) return undefined;
  if (earlier && await hashAt(target, upload.size) !== sha256) return undefined;
  return sha256;
}

/** Who was killed between publishing and noting it has left the file with its temporary name as well. */
async function findTrace(
  root: StorageRoot,
  upload: UploadSubject,
  target: Place,
): Promise<string | undefined> {
  const published = await identityAt(target);
  if (published === undefined) return undefined;
  for (const path of await listStaged(root.staging, stagedAs(upload))) {
    if ((await identityOf(path))?.ino !== published.ino) continue;
    const sha256 = await hashIfThere(path, published.size);
    // Whoever has published it has removed the name since, and had noted it before.
    if (sha256 === undefined) return await findNote(root, upload, target);
    await noteReceipt(root, upload, sha256);
    return sha256;
  }
  return undefined;
}

/**
 * Notes that an upload was published, or is about to be. Without the note a repetition may be taken for
 * another upload; that is no reason to fail.
 */
export async function noteReceipt(
  root: StorageRoot,
  upload: UploadSubject,
  sha256: string,
  file?: FileIdentity,
): Promise<void> {
  const key = receiptKey(upload);
  try {
    await addReceipt(root.receipts, file === undefined ? { key, sha256 } : { key, sha256, file });
  } catch (error) {
    logger.warning("Cannot note that an upload is stored: {error}", { error });
  }
}

async function identityAt(place: Place): Promise<FileIdentity | undefined> {
  try {
    using held = await place.hold();
    return held === undefined ? undefined : await identityOf(held.path);
  } catch (error) {
    if (isGone(error)) return undefined;
    throw error;
  }
}

/** What tells a file from others; `undefined` if there is none, or the system does not tell. */
export async function identityOf(path: string): Promise<FileIdentity | undefined> {
  try {
    const { ino, size, mtime } = await Deno.lstat(path);
    return ino === null ? undefined : { ino, size, mtime: mtime?.getTime() ?? 0 };
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    if (error instanceof Deno.errors.NotADirectory) return undefined;
    throw error;
  }
}

function isFile(one: FileIdentity | undefined, other: FileIdentity): boolean {
  return one?.ino === other.ino && one.size === other.size && one.mtime === other.mtime;
}

/** The SHA-256 of the file at a place, in hexadecimal; `undefined` if there is none of that size. */
async function hashAt(place: Place, size: number): Promise<string | undefined> {
  try {
    using held = await place.hold();
    if (held === undefined || (await identityOf(held.path))?.size !== size) return undefined;
    return await hashIfThere(held.path, size);
  } catch (error) {
    if (isGone(error)) return undefined;
    throw error;
  }
}

/** The SHA-256 of a file, in hexadecimal; `undefined` if it is gone. */
async function hashIfThere(path: string, size: number): Promise<string | undefined> {
  try {
    using file = await Deno.open(path);
    return (await hashPrefix(file, size)).hash.digest("hex");
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}
