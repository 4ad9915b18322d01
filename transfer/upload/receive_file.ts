import { createHash, type Hash } from "node:crypto";
import type { ReadOptions } from "../../protocol/byte_source.ts";
import type { MessageReader } from "../../protocol/message_reader.ts";
import { ProtocolError } from "../../protocol/errors.ts";
import { PIECE_HEADER_LENGTH, TRAILER_LENGTH } from "../../protocol/limits.ts";
import { fileError } from "../errors.ts";
import type { FileJournal } from "../file_journal.ts";
import { hashInSlices } from "../hash_in_slices.ts";
import type { FileStart } from "../hash_prefix.ts";
import type { WritableFile } from "../storage/open_file.ts";
import type { TransferTimes } from "../transfer_times.ts";

/** How {@linkcode receiveFile} receives. */
export interface ReceiveFileOptions {
  /** Cancels the transfer, which then rejects with the signal's reason. */
  signal?: AbortSignal;
  /** Is told how many bytes of the file have been written so far; a promise that it returns is waited for. */
  onProgress?: (bytes: number) => unknown;
  /** Is told how much of the file has been written so far, and the hash of that. */
  journal?: FileJournal | undefined;
  /** What fails if the file cannot be written to, for the error; by default without the file's name. */
  action?: string;
  /** What the file, which is positioned behind it, has already; nothing by default. */
  start?: Partial<FileStart>;
  /** Is told what was waited for. */
  times?: TransferTimes;
  /** What becomes of the SHA-256 behind the bytes; it is compared by default. */
  trailer?: Trailer;
}

/**
 * What becomes of the SHA-256 behind the bytes: it is `compared` with theirs, or `ignored`, or `believed`, so that
 * they need not be hashed.
 */
export type Trailer = "compared" | "ignored" | "believed";

/**
 * Writes the next raw bytes to a file, up to its `size`, and checks the SHA-256 that follows them and that nothing
 * follows that.
 *
 * The bytes go from the reader's own chunks to the file, without a copy: hashed here while another thread
 * writes them. (Writing on this thread takes less CPU, but stops it whenever the disk does.) When it
 * returns, or throws, no write is under way any more; until then the stream behind the reader may be
 * aborted, but must not be closed, which takes the memory of its chunks away.
 *
 * @param size In bytes.
 * @returns The SHA-256 as 64 lower-case hexadecimal digits.
 * @throws {ProtocolError} `size-mismatch` for fewer or more bytes, `hash-mismatch`.
 * @throws {NoSpaceError}
 */
export async function receiveFile(
  reader: MessageReader,
  file: WritableFile,
  size: number,
  options: ReceiveFileOptions = {},
): Promise<string> {
  const { start, trailer } = options;
  const hash = trailer === "believed" ? undefined : start?.hash ?? createHash("sha256");
  const offset = start?.offset ?? 0;
  await receiveBytes(reader, file, size - offset, { ...options, hash, offset });
  return await checkTrailer(reader, hash, size, options);
}

/**
 * Writes a file whose size nobody has told before: pieces, each with its length before it in four bytes, up to
 * one of no length, and behind it the SHA-256 of all, which is checked as by {@linkcode receiveFile}.
 *
 * @returns What has come: its size in bytes, and its SHA-256 as 64 lower-case hexadecimal digits.
 * @throws {ProtocolError} `size-mismatch` for what ends too early or goes on, `hash-mismatch`.
 * @throws {NoSpaceError}
 */
export async function receivePieces(
  reader: MessageReader,
  file: WritableFile,
  options: Omit<ReceiveFileOptions, "start" | "trailer"> = {},
): Promise<{ size: number; sha256: string }> {
  const hash = createHash("sha256");
  let size = 0;
  for (;;) {
    const head = await reader.readExactly(PIECE_HEADER_LENGTH, readOptionsOf(options));
    const length = new DataView(head.buffer, head.byteOffset).getUint32(0);
    if (length === 0) break;
    await receiveBytes(reader, file, length, { ...options, hash, offset: size });
    size += length;
  }
  return { size, sha256: await checkTrailer(reader, hash, size, options) };
}

function readOptionsOf({ signal }: ReceiveFileOptions): ReadOptions {
  return signal === undefined ? {} : { signal };
}

/** @param options.offset How much of the file came before. */
async function receiveBytes(
  reader: MessageReader,
  file: WritableFile,
  length: number,
  options: ReceiveFileOptions & { hash: Hash | undefined; offset: number },
): Promise<void> {
  const { signal, onProgress, journal, times, hash } = options;
  const { action = "Cannot write the data received" } = options;
  let received = options.offset;
  let waitingSince = performance.now();
  for await (const chunk of reader.chunks(length, readOptionsOf(options))) {
    const arrivedAt = performance.now();
    const written = writeWhole(file, chunk, action);
    written.catch(() => {}); // looked at once nobody reads the chunk any more
    if (hash !== undefined) await hashInSlices(hash, chunk);
    const hashedAt = performance.now();
    await written; // the chunk is borrowed only until the next one is asked for
    signal?.throwIfAborted();
    if (times !== undefined) {
      times.peerMs += arrivedAt - waitingSince;
      times.hashMs += hashedAt - arrivedAt;
      times.diskMs += performance.now() - hashedAt;
    }
    waitingSince = performance.now();
    received += chunk.length;
    if (hash !== undefined) journal?.reached(received, hash);
    const wait = onProgress?.(received);
    if (wait instanceof Promise) await wait;
  }
}

async function checkTrailer(
  reader: MessageReader,
  hash: Hash | undefined,
  size: number,
  options: ReceiveFileOptions,
): Promise<string> {
  const trailer = await reader.readExactly(TRAILER_LENGTH, readOptionsOf(options));
  await reader.expectEnd("size-mismatch", readOptionsOf(options));
  if (hash === undefined) return trailer.toHex();
  const digest = hash.digest();
  if (options.trailer === "ignored" || digest.equals(trailer)) return digest.toString("hex");
  throw new ProtocolError(
    "hash-mismatch",
    `Data of ${size} bytes does not match the SHA-256 that came with it; send it again`,
  );
}

async function writeWhole(file: WritableFile, chunk: Uint8Array, action: string): Promise<void> {
  try {
    for (let written = await file.write(chunk); written < chunk.length;) {
      written += await file.write(chunk.subarray(written));
    }
  } catch (cause) {
    throw fileError(cause, action);
  }
}
