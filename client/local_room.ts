import { dirname } from "node:path";
import { formatBytes } from "../base/format_bytes.ts";
import { allocateFile } from "../ffi/files/allocate_file.ts";
import { diskSpace } from "../ffi/files/disk_space.ts";
import { fileTooLarge, NoSpaceError, RESUMABLE_SIZE, roomOf } from "../transfer/mod.ts";

/**
 * Reserves room on the disk here for all of a file that is to be fetched, before its first byte; where the disk
 * reserves nothing, it is looked whether there is room. Small files are written as they come.
 *
 * @param staged Path of what it is written to, which is there.
 * @param path Where it goes.
 * @param size In bytes.
 * @param allocate Has the file system reserve it.
 * @throws {NoSpaceError} With how much is missing, where that is known.
 * @throws {FileTooLargeError}
 */
export async function reserveHere(
  staged: string,
  path: string,
  size: number,
  allocate: typeof allocateFile = allocateFile,
): Promise<void> {
  if (size < RESUMABLE_SIZE) return;
  const file = `Cannot write "${path}": a file of ${formatBytes(size)}`;
  const space = diskSpace(dirname(staged));
  const missing = space === undefined ? 0 : size - await roomOf(staged) - space.free;
  if (missing > 0) {
    const message = `${file} does not fit on its disk: ${formatBytes(missing)} missing`;
    throw new NoSpaceError(message, { missingBytes: missing });
  }
  const allocated = await allocate(staged, size);
  if (allocated === "too-large") throw fileTooLarge(`Cannot write "${path}"`);
  if (allocated !== "full") return;
  throw new NoSpaceError(
    `${file} does not fit into what you may use of its disk: your quota there is used up`,
  );
}
