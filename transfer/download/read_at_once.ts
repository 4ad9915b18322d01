import { parseFileName } from "../../protocol/file_name.ts";
import { hashReadFor, wantedHash } from "../storage/hash_note.ts";
import type { FileAtOnce } from "../storage/file_storage.ts";
import { fileInfo } from "../storage/storage_files.ts";
import type { StorageRoot } from "../storage/storage_root.ts";
import { holdForTurn } from "../upload/turn_storage.ts";

/**
 * Reads a small stored file in one go, on the thread that runs everything else: handing each step to another
 * thread takes longer than the step.
 *
 * @param buffer Takes its bytes; what does not fit is not small.
 * @returns What it is; `undefined` if it cannot be read so: why, openFile() tells, or it is not small.
 * @throws {InvalidNameError}
 */
export function readAtOnce(
  root: StorageRoot,
  name: string,
  buffer: Uint8Array,
): FileAtOnce | undefined {
  parseFileName(name);
  const end = name.lastIndexOf("/");
  try {
    const directory = holdForTurn(root).directory(name.slice(0, Math.max(end, 0)));
    const inode = directory.readEntry(name.slice(end + 1), buffer, wantedHash());
    if (inode === undefined) return undefined;
    const info = fileInfo(name, inode);
    return { info, stored: hashReadFor(info) };
  } catch {
    return undefined;
  }
}
