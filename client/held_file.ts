import { Buffer } from "node:buffer";
import { orAborted } from "../base/mod.ts";
import { UnknownSizeError } from "./errors.ts";
import { isUntouched, sourceChanged } from "./source_change.ts";

/** Most of these files are empty. */
const FIRST_LENGTH = 4096;

/** The most that is read ahead of a file whose size is not known. */
const MAX_LENGTH = 64 * 1024 * 1024;

/** How often it is read again, where somebody writes to it meanwhile. */
const MAX_REPEATS = 2;

/** What of an open file is used. */
type Held = Pick<Deno.FsFile, "read" | "seek" | "stat">;

/** What a file holds, and what it was at that time. */
export interface HeldFile {
  readonly bytes: Uint8Array;
  readonly info: Deno.FileInfo;
}

/**
 * Reads what a file holds at one moment: where somebody writes to it meanwhile, it is read again. What is added
 * behind does no harm.
 *
 * @param info What it was before.
 * @throws {SourceChangedError}
 * @throws What {@linkcode readHeld} throws.
 */
export async function readUnmixed(
  path: string,
  file: Held,
  info: Deno.FileInfo,
  signal?: AbortSignal,
): Promise<HeldFile> {
  let held = { bytes: await readHeld(path, file, signal), info };
  for (let repeats = 0; repeats < MAX_REPEATS; repeats++) {
    const now = await file.stat();
    if (isUntouched(held.info, now)) return held;
    const bytes = await readHeld(path, file, signal);
    if (Buffer.compare(bytes.subarray(0, held.bytes.length), held.bytes) === 0) return held;
    held = { bytes, info: now };
  }
  if (isUntouched(held.info, await file.stat())) return held;
  throw sourceChanged();
}

/**
 * Reads what a file holds, from its start to where reading ends, whatever its size is said to be.
 *
 * @throws {UnknownSizeError} It is more than can be held in memory.
 * @throws The signal's reason, also while the file has nothing to read, and does not end either.
 */
async function readHeld(
  path: string,
  file: Held,
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
