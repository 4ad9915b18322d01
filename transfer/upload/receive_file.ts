import { createHash } from "node:crypto";
import type { MessageReader } from "../../protocol/message_reader.ts";
import { ProtocolError } from "../../protocol/errors.ts";
import { TRAILER_LENGTH } from "../../protocol/limits.ts";
import { fileError } from "../errors.ts";
import { hashInSlices } from "../hash_in_slices.ts";
import type { FileStart } from "../hash_prefix.ts";
import type { TransferTimes } from "../transfer_times.ts";

/** How {@linkcode receiveFile} receives. */
export interface ReceiveFileOptions {
  /** Cancels the transfer, which then rejects with the signal's reason. */
  signal?: AbortSignal;
  /** Is told how many bytes of the file have been written so far. */
  onProgress?: (bytes: number) => void;
  /** What fails if the file cannot be written to, for the error; by default without the file's name. */
  action?: string;
  /** What the file, which is positioned behind it, has already; nothing by default. */
  start?: FileStart;
  /** Is told what was waited for. */
  times?: TransferTimes;
}

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
  file: Deno.FsFile,
  size: number,
  options: ReceiveFileOptions = {},
): Promise<string> {
  const { signal, onProgress, start, times, action = "Cannot write the data received" } = options;
  const readOptions = signal === undefined ? {} : { signal };
  const hash = start?.hash ?? createHash("sha256");
  let received = start?.offset ?? 0;
  let waitingSince = performance.now();
  for await (const chunk of reader.chunks(size - received, readOptions)) {
    const arrivedAt = performance.now();
    const written = writeWhole(file, chunk, action);
    written.catch(() => {}); // looked at once nobody reads the chunk any more
    await hashInSlices(hash, chunk);
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
    onProgress?.(received);
  }
  const trailer = await reader.readExactly(TRAILER_LENGTH, readOptions);
  await reader.expectEnd("size-mismatch", readOptions);
  const digest = hash.digest();
  if (digest.equals(trailer)) return digest.toString("hex");
  throw new ProtocolError(
    "hash-mismatch",
    `Data of ${size} bytes does not match the SHA-256 that came with it; send it again`,
  );
}

async function writeWhole(file: Deno.FsFile, chunk: Uint8Array, action: string): Promise<void> {
  try {
    for (let written = await file.write(chunk); written < chunk.length;) {
      written += await file.write(chunk.subarray(written));
    }
  } catch (cause) {
    throw fileError(cause, action);
  }
}
