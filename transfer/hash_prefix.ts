import { createHash, type Hash } from "node:crypto";
import { SizeChangedError } from "./errors.ts";
import { hashInSlices } from "./hash_in_slices.ts";
import { lendBlock } from "./lend_block.ts";
import type { ReadableFile, WritableFile } from "./storage/open_file.ts";

/** The part of a file that need not be moved any more. */
export interface FileStart {
  /** How many bytes, from the start of the file. */
  readonly offset: number;
  /** SHA-256 of them, to go on with. */
  readonly hash: Hash;
}

/** How {@linkcode hashPrefix} goes about it. */
export interface HashPrefixOptions {
  /** Gives up, with the signal's reason. */
  signal?: AbortSignal;
  /** Writes each block elsewhere as well. */
  copyTo?: WritableFile;
  /** What was hashed before; nothing by default. */
  start?: FileStart | undefined;
}

/**
 * Hashes the first `length` bytes of a file, block by block, so that other work goes on meanwhile; leaves
 * the file positioned behind them.
 *
 * @throws {SizeChangedError} There are not as many.
 */
export async function hashPrefix(
  file: ReadableFile,
  length: number,
  options: HashPrefixOptions = {},
): Promise<FileStart> {
  const { signal, copyTo, start } = options;
  const hash = start?.hash ?? createHash("sha256");
  const begin = start?.offset ?? 0;
  await file.seek(begin, Deno.SeekMode.Start);
  for (let offset = begin; offset < length;) {
    using lent = await lendBlock(signal);
    const { buffer } = lent;
    const count = await file.read(buffer.subarray(0, Math.min(length - offset, buffer.length)));
    signal?.throwIfAborted();
    if (count === null) {
      throw new SizeChangedError(`File has ${offset} bytes, where ${length} should be`);
    }
    const block = buffer.subarray(0, count);
    await hashInSlices(hash, block);
    for (let done = 0; copyTo !== undefined && done < count;) {
      done += await copyTo.write(block.subarray(done));
    }
    offset += count;
  }
  return { offset: length, hash };
}
