import type { FileInfo } from "../../protocol/file_bodies.ts";
import { parseFileName } from "../../protocol/file_name.ts";
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
): FileInfo | undefined {
  parseFileName(name);
  try {
    using held = holdForTurn(root).top.openBelow(name);
    const inode = held.stat();
    // A pipe would be waited for.
    if (inode.kind !== "file" || inode.size > buffer.length) return undefined;
    using file = Deno.openSync(held.path);
    for (let filled = 0; filled < inode.size;) {
      const count = file.readSync(buffer.subarray(filled, inode.size));
      if (count === null) return undefined; // it is becoming shorter
      filled += count;
    }
    return fileInfo(name, inode);
  } catch {
    return undefined;
  }
}
