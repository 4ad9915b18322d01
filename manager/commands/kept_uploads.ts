import {
  AmbiguousIdError,
  NoUploadError,
  UploadActiveError,
  type UploadSelection,
  type UploadStatus,
} from "../../handlers/commands/mod.ts";
import type { RootMark } from "../../ipc/mod.ts";
import { holdStorage } from "../../transfer/storage/held_root.ts";
import { openStorageRoot } from "../../transfer/storage/storage_root.ts";
import {
  isIdle,
  type KeptUpload,
  listKept,
  receivedOf,
  removeKept,
} from "../../transfer/upload/kept_uploads.ts";
import { lockUpload } from "../../transfer/upload/upload_lock.ts";
import { readNote } from "../../transfer/upload/upload_notes.ts";
import { sizeOf } from "../../transfer/upload/take_over.ts";
import { storageError } from "../../transfer/errors.ts";

/** Fewer digits of an id could mean another upload than was meant. */
const MIN_ID_LENGTH = 4;

/** How many digits of ids `uploads` shows. */
const SHOWN_ID_LENGTH = 12;

interface Found {
  kept: KeptUpload;
  status: UploadStatus;
}

/**
 * Does something in the directory that uploads are staged in, which stays the same one meanwhile.
 *
 * @param mark By which the storage is known: nothing is done in what has taken its place.
 */
export async function inStaging<Result>(
  root: string,
  mark: RootMark,
  action: (staging: string) => Promise<Result>,
): Promise<Result> {
  using storage = holdStorage(await openStorageRoot(root, mark));
  return await action(storage.staging);
}

/**
 * Tells what is staged of uploads, the oldest first.
 *
 * @param staging The directory that they are staged in.
 */
export async function keptUploads(staging: string): Promise<UploadStatus[]> {
  return (await find(staging)).map(({ status }) => status);
}

/**
 * Removes interrupted uploads. What is being received stays.
 *
 * @returns Those that were removed.
 * @param instance Named in what is said of an upload that is not there.
 * @throws {NoUploadError | AmbiguousIdError | UploadActiveError} One that was named cannot be removed; then
 * none is.
 */
export async function removeUploads(
  staging: string,
  selection: UploadSelection,
  instance: string,
): Promise<UploadStatus[]> {
  const found = await find(staging);
  const chosen = "ids" in selection
    ? selection.ids.flatMap((id) => named(found, id, instance))
    : found.filter(({ status: { ageMs, active } }) => !active && ageMs > selection.olderThanMs);
  const removed: UploadStatus[] = [];
  for (const { kept, status } of new Set(chosen)) {
    // Somebody may have gone on with it since.
    if (await removeKept(kept, lockUpload)) removed.push(status);
  }
  return removed;
}

/** The upload that an id, or its beginning, means. */
function named(found: readonly Found[], id: string, instance: string): Found[] {
  const those = found.filter(({ status }) => status.id.startsWith(id));
  if (those.length === 0 || id.length < MIN_ID_LENGTH) throw new NoUploadError(id, instance);
  const meant = new Set(those.map(({ status }) => status.id.slice(0, SHOWN_ID_LENGTH)));
  if (meant.size > 1) throw new AmbiguousIdError(id, [...meant]);
  const active = those.find(({ status }) => status.active);
  if (active === undefined) return those;
  throw new UploadActiveError(active.status.id.slice(0, SHOWN_ID_LENGTH), instance);
}

async function find(staging: string, now = Date.now()): Promise<Found[]> {
  const found: Found[] = [];
  for (const kept of await list(staging)) {
    const note = await readNote(staging, kept.owner);
    found.push({
      kept,
      status: {
        id: kept.owner.slice("put-".length),
        name: note?.name ?? null,
        bytes: await receivedOf(staging, kept),
        size: note?.size ?? null,
        ageMs: Math.max(0, Math.round(now - kept.mtime)),
        active: await isActive(kept),
      },
    });
  }
  return found;
}

async function list(staging: string): Promise<KeptUpload[]> {
  try {
    return await listKept(staging);
  } catch (cause) {
    throw storageError(cause, "Cannot look at the interrupted uploads");
  }
}

/** Whoever receives it has its lock; whoever has just made it, soon will. */
async function isActive(upload: KeptUpload): Promise<boolean> {
  if (upload.bytes === 0) return true;
  return !isIdle(upload, lockUpload) && await sizeOf(upload.path) !== undefined;
}
