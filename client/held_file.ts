import { orAborted } from "../base/mod.ts";
import { UnknownSizeError } from "./errors.ts";

/** Most of these files are empty. */
const FIRST_LENGTH = 4096;

/** The most that is read ahead of a file whose size is not known. */
const MAX_LENGTH = 64 * 1024 * 1024;

/**
 * Reads what a file holds, from its start to where reading ends, whatever its size is said to be.
 *
 * @throws {UnknownSizeError} It is more than can be held in memory.
 * @throws The signal's reason, also while the file has nothing to read, and does not end either.
 */
export async function readHeld(
  path: string,
  file: Deno.FsFile,
  signal?: AbortSignal,
): Promise<Uint8Array> {
  let bytes = new Uint8Array(FIRST_LENGTH);
  let length = 0;
  await file.seek(0, Deno.SeekMode.Start);
  while (true) {
    const count = await orAborted(file.read(bytes.subarray(length)), signal);
    if (count === null) return bytes.slice(0, length);
    length += count;
    if (length < bytes.length) continue;
    if (length >= MAX_LENGTH) {
      throw new UnknownSizeError(
        `Cannot send "${path}": the system does not tell its size, and it holds more than 64 MiB; ` +
          "copy it to a regular file first, and send that",
      );
    }
    const longer = new Uint8Array(2 * bytes.length);
    longer.set(bytes);
    bytes = longer;
  }
}
