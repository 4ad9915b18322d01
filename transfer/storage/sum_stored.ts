import { Gate } from "../gate.ts";
import { FileInUseError, SizeChangedError } from "../errors.ts";
import { hashPrefix } from "../hash_prefix.ts";
import type { FileInfo } from "../../protocol/file_bodies.ts";
import { openFile } from "./storage_files.ts";
import type { StorageRoot } from "./storage_root.ts";

/** How many files are read at once: each takes a part of the thread that runs everything else. */
const gate = new Gate(2);

/**
 * Reads a stored file, slice by slice, so that everything else goes on meanwhile.
 *
 * @param signal Gives up, with its reason.
 * @returns What it is, and the SHA-256 of its bytes in hexadecimal.
 * @throws {InvalidNameError | FileNotFoundError | NotAFileError | FilePermissionError}
 * @throws {FileInUseError} It was written to meanwhile.
 */
export async function sumStored(
  root: StorageRoot,
  name: string,
  signal: AbortSignal,
): Promise<FileInfo & { sha256: string }> {
  using _place = await gate.enter(signal);
  const { file, info } = await openFile(root, name);
  using _file = file;
  try {
    const { hash } = await hashPrefix(file, info.size, { signal });
    const { size, mtime } = await file.stat();
    if (size === info.size && mtime !== null && Math.floor(mtime.getTime()) === info.mtime) {
      return { ...info, sha256: hash.digest("hex") };
    }
  } catch (error) {
    if (!(error instanceof SizeChangedError)) throw error;
  }
  throw new FileInUseError(`Cannot read "${name}": it was written to meanwhile`);
}
