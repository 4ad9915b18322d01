import { type FilePutRequest, MAX_PACKED_SIZE } from "../../protocol/mod.ts";
import { type OwnedRoot, SmallFile } from "./small_file.ts";

/**
 * Up to this size, in bytes, a file is small: stored at once, on the thread that runs everything else, as
 * handing each step to another thread takes longer than the step. Only such files go with others on one stream.
 */
export const SMALL_SIZE = MAX_PACKED_SIZE;

/**
 * Stores a small file in one go, which is not flushed to the disk.
 *
 * @param content The file's bytes and, behind them, their SHA-256.
 * @param storer Name of the token that stores it.
 * @returns The SHA-256 in hexadecimal; `undefined` if nothing was stored, as something is in the way: what
 * that is, the steps of a larger file tell.
 * @throws {InvalidNameError}
 * @throws {FileExistsError} A file without an id is not to replace the one that is there.
 */
export function storeAtOnce(
  root: OwnedRoot,
  request: FilePutRequest,
  content: Uint8Array,
  storer?: string,
): string | undefined {
  using file = SmallFile.stage(root, request, content, storer);
  return file?.place();
}
