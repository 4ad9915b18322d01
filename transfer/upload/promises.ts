import { join } from "node:path";
import { countsFor } from "../storage/quotas.ts";
import { roomOfInfo } from "../storage/space_account.ts";
import { isIdle } from "./kept_uploads.ts";
import { isStagedFile, noteKeyOf } from "./upload_key.ts";
import { infoOf, type TryLock } from "./take_over.ts";
import { readNote } from "./upload_notes.ts";

/** What is staged, and counts for quotas: an upload that is under way, or was interrupted. */
export interface Promised {
  readonly path: string;
  /** By which it is written down what it is. */
  readonly key: string;
  /** What the file is to be called. */
  readonly name: string;
  /** By which token it is stored. */
  readonly storer: string | undefined;
  /** What it is to have, or, if it was interrupted, what it takes up, in bytes. */
  readonly bytes: number;
  /** What it takes up on the disk, in bytes. */
  readonly room: number;
  /** The file that it is to replace, which then counts no more. */
  readonly replaces: { readonly bytes: number; readonly storer?: string } | undefined;
  /** Whether it was interrupted, and nobody goes on with it. */
  readonly idle: boolean;
  /** When something was last written to it, in milliseconds since 1970-01-01 UTC. */
  readonly mtime: number;
}

/**
 * All that is staged of which it is written down what it is, the oldest first.
 *
 * @param except By which it is written down what does not count.
 */
export async function listPromised(
  staging: string,
  tryLock: TryLock | undefined,
  except: string | undefined,
): Promise<Promised[]> {
  const found = new Map<string, Promised>();
  for await (const { name: fileName, isFile } of Deno.readDir(staging)) {
    if (!isFile || !isStagedFile(fileName)) continue;
    const key = noteKeyOf(fileName);
    if (key === except) continue;
    const promised = await look(staging, fileName, key, tryLock);
    // Of several files of one upload all but one will be gone in a moment.
    if (promised !== undefined && promised.bytes >= (found.get(key)?.bytes ?? 0)) {
      found.set(key, promised);
    }
  }
  return [...found.values()].sort((a, b) => a.mtime - b.mtime);
}

/** How much of it counts for a quota, in bytes. */
export function promisedFor(key: string, { name, storer, bytes, replaces }: Promised): number {
  if (!countsFor(key, name, storer)) return 0;
  const goes = replaces !== undefined && countsFor(key, name, replaces.storer) ? replaces.bytes : 0;
  return Math.max(0, bytes - goes);
}

async function look(
  staging: string,
  fileName: string,
  key: string,
  tryLock: TryLock | undefined,
): Promise<Promised | undefined> {
  const path = join(staging, fileName);
  const note = await readNote(staging, key);
  if (note === undefined) return undefined;
  const { name, size, storer, counts = false, replaces } = note;
  const info = await infoOf(path);
  if (info === undefined) return undefined;
  const mtime = info.mtime?.getTime() ?? 0;
  const idle = key.startsWith("put-") && isIdle({ path, mtime }, tryLock);
  if (!idle && !counts) return undefined;
  const room = roomOfInfo(info);
  return {
    ...{ path, key, name, storer, room, idle, mtime },
    bytes: idle ? room : size,
    replaces: idle ? undefined : replaces,
  };
}
