import {
  NoUploadError,
  UploadActiveError,
  type UploadSelection,
  type UploadStatus,
} from "../../handlers/commands/mod.ts";
import {
  type KeptUpload,
  listKept,
  lockUpload,
  readNote,
  removeKept,
  sizeOf,
  storageError,
} from "../../transfer/mod.ts";

/** Fewer digits of an id could mean another upload than was meant. */
const MIN_ID_LENGTH = 8;

interface Found {
  kept: KeptUpload;
  status: UploadStatus;
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
 * @throws {NoUploadError | UploadActiveError} One that was named cannot be removed; then none is.
 */
export async function removeUploads(
  staging: string,
  selection: UploadSelection,
): Promise<UploadStatus[]> {
  const found = await find(staging);
  const chosen = "ids" in selection
    ? selection.ids.flatMap((id) => named(found, id))
    : found.filter(({ status: { ageMs, active } }) => !active && ageMs > selection.olderThanMs);
  const removed: UploadStatus[] = [];
  for (const { kept, status } of new Set(chosen)) {
    // Somebody may have gone on with it since.
    if (await removeKept(kept, lockUpload)) removed.push(status);
  }
  return removed;
}

function named(found: readonly Found[], id: string): Found[] {
  const those = found.filter(({ status }) => status.id.startsWith(id));
  if (those.length === 0 || id.length < MIN_ID_LENGTH) throw new NoUploadError(id);
  if (those.some(({ status }) => status.active)) throw new UploadActiveError(id);
  return those;
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
        bytes: kept.bytes,
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
async function isActive({ path, bytes }: KeptUpload): Promise<boolean> {
  if (bytes === 0) return true;
  using lock = lockUpload(path);
  return lock === undefined && await sizeOf(path) !== undefined;
}
