import { Chunks, type PositionedFile, PrefixHasher, SizeChangedError } from "../transfer/mod.ts";
import { SourceChangedError } from "./errors.ts";

/** What tells that somebody may have written to a file. */
export type FileMoment = Pick<Deno.FileInfo, "size" | "mtime" | "ctime">;

/** Whether nobody has touched a file in between. What removes or renames it, does as well. */
export function isUntouched(before: FileMoment, now: FileMoment): boolean {
  return !isWritten(before, now) && before.ctime?.getTime() === now.ctime?.getTime();
}

/** Whether a file was written to in between, as far as its size and its time of modification tell. */
export function isWritten(before: FileMoment, now: FileMoment): boolean {
  return now.size !== before.size || now.mtime?.getTime() !== before.mtime?.getTime();
}

/**
 * Finds that what was read of a file is what it was at one moment, and no mixture of what it was before and
 * after somebody wrote to it. Where it was touched meanwhile, it is read once more for that: what was only
 * added behind, as in logs, does no harm.
 *
 * @param before What it was when the reading began; so many bytes were read.
 * @param digest The SHA-256 of what was read. Without one, what has become longer is taken for added to.
 * @throws {SizeChangedError | SourceChangedError}
 */
export async function checkUnmixed(
  file: PositionedFile,
  before: FileMoment,
  digest: Uint8Array | undefined,
  signal?: AbortSignal,
): Promise<void> {
  const now = await file.stat();
  const change = changeBetween(before, now);
  if (change === undefined) return;
  const isSame = digest === undefined
    ? now.size > before.size || !isWritten(before, now)
    : await hasDigest(file, before.size, digest, signal);
  if (!isSame) throw change;
}

/** Why what was read of a file may be a mixture; `undefined` if nobody has touched it. */
export function changeBetween(
  before: FileMoment,
  now: FileMoment,
): SizeChangedError | SourceChangedError | undefined {
  if (isUntouched(before, now)) return undefined;
  if (now.size >= before.size) return sourceChanged();
  return new SizeChangedError(
    `File became shorter while it was sent: ${now.size} bytes instead of ${before.size}`,
  );
}

/** That what was read is of no use, since somebody wrote to the file. */
export function sourceChanged(): SourceChangedError {
  return new SourceChangedError(
    "File was written to while it was sent, twice in a row, and what is part old, part new is not stored; " +
      "send it when nobody writes to it, or a copy of it",
  );
}

/** Whether the beginning of a file is what it was. */
async function hasDigest(
  file: PositionedFile,
  length: number,
  digest: Uint8Array,
  signal: AbortSignal | undefined,
): Promise<boolean> {
  const hasher = new PrefixHasher(file, new Chunks(length));
  try {
    for (;;) {
      const found = await hasher.digest(signal);
      hasher.accept();
      if (hasher.next === hasher.chunks.count) {
        return found.every((byte, at) => byte === digest[at]);
      }
    }
  } catch (error) {
    if (error instanceof SizeChangedError) return false;
    throw error;
  }
}
