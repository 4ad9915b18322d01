import { dirname, join } from "node:path";
import { getLogger } from "@logtape/logtape";
import { removeIfThere } from "../../base/mod.ts";
import { ChunkJournal } from "../chunks/chunk_journal.ts";
import { Chunks } from "../chunks/chunks.ts";
import { PositionedFile } from "../chunks/positioned_file.ts";
import { roomOfInfo } from "../storage/space_account.ts";
import { infoOf, lockIdle, sizeOf, type TryLock } from "./take_over.ts";
import { uploadOwnerOf } from "./upload_key.ts";
import { readNote, removeNote } from "./upload_notes.ts";

const logger = getLogger(["msquicd", "transfer"]);

/** How long a receiver may take to lock what it has made, in milliseconds. */
const GRACE_MS = 1000;

/** What is staged of an upload with an id: one that was interrupted, or is being received. */
export interface KeptUpload {
  /** File name. */
  readonly fileName: string;
  readonly path: string;
  /** In whose name it is staged. */
  readonly owner: string;
  /** In bytes. */
  readonly bytes: number;
  /** What it takes up on the disk, in bytes, with what is reserved for the rest of it. */
  readonly room: number;
  /** When something was last written to it, in milliseconds since 1970-01-01 UTC. */
  readonly mtime: number;
}

/** How much is kept of interrupted uploads. */
export interface KeptLimits {
  /** How many. */
  readonly count: number;
  /** Of how many bytes together. */
  readonly bytes: number;
}

/** All that is staged of uploads with an id, the oldest first. */
export async function listKept(staging: string): Promise<KeptUpload[]> {
  const kept: KeptUpload[] = [];
  for await (const { name, isFile } of Deno.readDir(staging)) {
    const owner = isFile ? uploadOwnerOf(name) : undefined;
    if (owner === undefined) continue;
    const path = join(staging, name);
    const info = await infoOf(path);
    if (info === undefined) continue;
    const { size: bytes, mtime } = info;
    const room = roomOfInfo(info);
    kept.push({ fileName: name, path, owner, bytes, room, mtime: mtime?.getTime() ?? 0 });
  }
  return kept.sort((a, b) => a.mtime - b.mtime);
}

/**
 * Removes what is staged of an upload, unless it is being received: then its receiver, of whichever
 * process, has the lock.
 *
 * @returns Whether it did.
 */
export async function removeKept(
  upload: KeptUpload,
  tryLock: TryLock,
  now = Date.now(),
): Promise<boolean> {
  using lock = lockIdle(upload, tryLock, now);
  return lock !== undefined && await remove(dirname(upload.path), upload.path, upload.owner);
}

/**
 * Removes interrupted uploads, the oldest first, until no more are kept than may be. What is being received is
 * none of them, and does not count.
 *
 * @returns How many.
 */
export async function trimKept(
  staging: string,
  tryLock: TryLock,
  limits: KeptLimits,
  now = Date.now(),
): Promise<number> {
  const staged = await listKept(staging);
  // To find out which are being received takes long, and is mostly not needed.
  if (isWithin(limits, staged.length, bytesOf(staged))) return 0;
  const kept = staged.filter((upload) => !isNew(upload, now) && isIdle(upload, tryLock, now));
  const received = new Map<KeptUpload, number>();
  for (const upload of kept) received.set(upload, await receivedOf(staging, upload));
  let left = kept.length;
  let bytes = received.values().reduce((sum, one) => sum + one, 0);
  for (const upload of kept) {
    // The last one may be too large by itself; its client is about to go on.
    if (isWithin(limits, left, left === 1 ? 0 : bytes)) break;
    // Others may do the same at the same time, or go on with it.
    if (!await removeKept(upload, tryLock, now) && await sizeOf(upload.path) !== undefined) {
      continue;
    }
    left--;
    bytes -= received.get(upload) ?? 0;
  }
  return kept.length - left;
}

/** How many bytes of an upload are there: where it comes in chunks, its file is whole from the start. */
export async function receivedOf(staging: string, upload: KeptUpload): Promise<number> {
  const { size = Infinity } = await readNote(staging, upload.owner) ?? {};
  if (upload.bytes <= size) return upload.bytes;
  try {
    using file = await Deno.open(upload.path);
    return (await new ChunkJournal(new PositionedFile(file), new Chunks(size)).read()).bytes;
  } catch {
    return upload.bytes; // it has just gone
  }
}

function isWithin(limits: KeptLimits, count: number, bytes: number): boolean {
  return count <= limits.count && bytes <= limits.bytes;
}

function bytesOf(uploads: readonly KeptUpload[]): number {
  return uploads.reduce((sum, { bytes }) => sum + bytes, 0);
}

/** Where uploads are kept, and who is told when one is given up for another. */
export interface KeptPlace {
  readonly staging: string;
  /** Is told that what was kept of an upload is removed, since its room was needed. */
  readonly onGivenUp?: (upload: GivenUpUpload) => void;
}

/** What was kept of an upload, and is removed since its room was needed. */
export interface GivenUpUpload {
  /** What the file was to be called; `undefined` where that is not known. */
  readonly name: string | undefined;
  /** How much there was of it, in bytes. */
  readonly bytes: number;
}

/**
 * Removes interrupted uploads, the oldest first, so that there is more room; none, if there is not enough to be had.
 *
 * @param bytes How much more is wanted.
 * @param except In whose name the upload is staged that the room is for.
 * @returns Whether there is as much more.
 */
export async function makeRoom(
  place: KeptPlace,
  tryLock: TryLock,
  bytes: number,
  except: string | undefined,
): Promise<boolean> {
  using locks = new DisposableStack();
  const idle: KeptUpload[] = [];
  let found = 0;
  for (const upload of await listKept(place.staging)) {
    if (found >= bytes) break;
    if (upload.owner === except || upload.room === 0) continue;
    const lock = lockIdle(upload, tryLock);
    if (lock === undefined) continue;
    locks.use(lock);
    idle.push(upload);
    found += upload.room;
  }
  if (found < bytes) return false;
  for (const { path, owner, room } of idle) {
    if (!await removeForRoom(place, path, owner)) found -= room;
  }
  return found >= bytes;
}

/**
 * Removes what is kept of an upload since its room is needed, unless somebody goes on with it.
 *
 * @returns Whether it did.
 */
export async function giveUp(
  place: KeptPlace,
  upload: { readonly path: string; readonly key: string; readonly mtime: number },
  tryLock: TryLock,
): Promise<boolean> {
  using lock = lockIdle(upload, tryLock);
  if (lock === undefined) return false;
  return await removeForRoom(place, upload.path, upload.key);
}

async function removeForRoom(
  { staging, onGivenUp }: KeptPlace,
  path: string,
  key: string,
): Promise<boolean> {
  const { name } = await readNote(staging, key) ?? {};
  const bytes = await sizeOf(path) ?? 0;
  if (!await remove(staging, path, key)) return false;
  logger.info("Removed {bytes} bytes of the interrupted upload of {name}: room was needed", {
    name: name ?? "a file whose name is not known",
    bytes,
  });
  onGivenUp?.({ name, bytes });
  return true;
}

/**
 * How many bytes are still to come of the uploads that are being received, by whichever process, and were
 * promised room.
 *
 * @param except File names of those that do not count.
 */
export async function stillToCome(
  staging: string,
  tryLock: TryLock | undefined,
  except: ReadonlySet<string>,
): Promise<number> {
  let bytes = 0;
  for (const upload of await listKept(staging)) {
    if (except.has(upload.fileName)) continue;
    const note = await readNote(staging, upload.owner);
    if (!note?.promised || isIdle(upload, tryLock)) continue;
    bytes += Math.max(0, note.size - upload.room);
  }
  return bytes;
}

/** Whether nobody receives an upload. */
export function isIdle(
  upload: Pick<KeptUpload, "path" | "mtime">,
  tryLock: TryLock | undefined,
  now = Date.now(),
): boolean {
  using lock = lockIdle(upload, tryLock, now);
  return lock !== undefined;
}

/** Whether its receiver may have made it this very moment, and not have locked it yet. */
function isNew({ bytes, mtime }: KeptUpload, now: number): boolean {
  return bytes === 0 && now - mtime < GRACE_MS;
}

/** @returns Whether it was there: who goes on with it has given it another name, and has the note. */
async function remove(staging: string, path: string, key: string): Promise<boolean> {
  if (!await removeIfThere(path)) return false;
  await removeNote(staging, key);
  return true;
}
