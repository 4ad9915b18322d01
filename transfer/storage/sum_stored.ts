import { Gate } from "../gate.ts";
import { FileInUseError, SizeChangedError } from "../errors.ts";
import { hashPrefix } from "../hash_prefix.ts";
import type { FileSumResponse } from "../../protocol/messages/file_sum.ts";
import { notedHash } from "./hash_note.ts";
import { openFile } from "./storage_files.ts";
import type { StorageRoot } from "./storage_root.ts";

/** How many files are read at once: each takes a part of the thread that runs everything else. */
const gate = new Gate(2);

/**
 * Reads a stored file, slice by slice, so that everything else goes on meanwhile.
 *
 * @param signal Gives up, with its reason.
 * @returns What it is, the SHA-256 of its bytes, and what that was when it was stored, if that is known.
 * @throws {InvalidNameError | FileNotFoundError | NotAFileError | FilePermissionError}
 * @throws {FileInUseError} It was written to meanwhile.
 */
export async function sumStored(
  root: StorageRoot,
  name: string,
  signal: AbortSignal,
): Promise<FileSumResponse> {
  using _place = await gate.enter(signal);
  let stored: string | undefined;
  const { file, info } = await openFile(root, name, (path, info) => stored = notedHash(path, info));
  using _file = file;
  try {
    const { hash } = await hashPrefix(file, info.size, { signal });
    const { size, mtime } = await file.stat();
    if (size === info.size && mtime !== null && Math.floor(mtime.getTime()) === info.mtime) {
      const sha256 = hash.digest("hex");
      return stored === undefined ? { ...info, sha256 } : { ...info, sha256, stored };
    }
  } catch (error) {
    if (!(error instanceof SizeChangedError)) throw error;
  }
  throw new FileInUseError(`Cannot read "${name}": it was written to meanwhile`);
}
