import { PRIVATE_DIRECTORY } from "../../protocol/file_name.ts";
import { isMissing } from "./absence.ts";
import { StorageUnavailableError } from "../errors.ts";
import type { Held, InodeInfo } from "./held.ts";
import { writeOwnFile } from "./own_files.ts";

const ID_FILE = "id";

/** What is in it; what a power cut has left of it may be anything else. */
const ID = /^[0-9a-f-]{36}$/;

/**
 * What tells a storage's directory from another one in its place: what a file system was mounted on, say,
 * which is seen again when that is unmounted.
 */
export interface RootMark {
  /** Is in a file of the storage's own, and goes wherever that goes. */
  readonly id: string;
  /** Where the directory was seen last: of which file system, which inode, and when made. */
  place: string;
}

/** What was seen there, to be compared without making a text of it. */
const seen = new WeakMap<RootMark, InodeInfo>();

/**
 * Checks that a directory is the storage's: it is where that was seen last, or has its file.
 *
 * @throws {StorageUnavailableError}
 */
export function checkMark(top: Held, mark: RootMark, path: string): void {
  const now = top.stat();
  if (isSame(now, seen.get(mark))) return;
  const place = placeOf(now);
  if (place === mark.place) {
    seen.set(mark, now);
    return;
  }
  if (readId(top) !== mark.id) {
    throw new StorageUnavailableError(
      `Cannot use the storage "${path}": the directory there is not the one that was used before; ` +
        "mount its file system again, or stop the server and start it again to use what is there",
    );
  }
  mark.place = place;
  seen.set(mark, now);
}

/**
 * Finds a storage's mark, and makes one if there is none.
 *
 * @param top Has the storage's own directory.
 */
export function ensureMark(top: Held): RootMark {
  return { id: readId(top) ?? writeId(top, crypto.randomUUID()), place: placeOf(top.stat()) };
}

/**
 * Writes a storage's file again, for those who have not seen where it is.
 *
 * @returns What is in it: of several who write it at once, one has its way.
 */
export function writeId(top: Held, id: string): string {
  using own = top.openBelow(PRIVATE_DIRECTORY, "directory");
  const staged = `${own.path}/${ID_FILE}-${crypto.randomUUID()}`;
  // Flushed, as it is written once, and what a power cut makes of it would be any storage's.
  writeOwnFile(staged, id, { flushes: true });
  try {
    Deno.linkSync(staged, `${own.path}/${ID_FILE}`);
  } catch {
    // A file system without hard links: then the last one has its way. Or what is there is none of ours.
    if (readId(top) === undefined) {
      Deno.renameSync(staged, `${own.path}/${ID_FILE}`);
      return id;
    }
  }
  Deno.removeSync(staged);
  return readId(top) ?? id;
}

function readId(top: Held): string | undefined {
  try {
    using file = top.openBelow(`${PRIVATE_DIRECTORY}/${ID_FILE}`);
    if (file.stat().kind !== "file") return undefined;
    const id = Deno.readTextFileSync(file.path);
    return ID.test(id) ? id : undefined;
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}

function placeOf({ dev, ino, born }: InodeInfo): string {
  return `${dev}:${ino}:${born}`;
}

function isSame(one: InodeInfo, other: InodeInfo | undefined): boolean {
  return one.ino === other?.ino && one.dev === other.dev && one.born === other.born;
}
