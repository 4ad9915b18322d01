import { createHash } from "node:crypto";
import { ApplicationError, TRAILER_LENGTH } from "../protocol/mod.ts";
import type { ByteSink } from "./byte_sink.ts";
import { SizeChangedError } from "./errors.ts";
import { SendWindow } from "./send_window.ts";

/** Bytes that are read, hashed and sent at a time. */
const BLOCK_LENGTH = 1024 * 1024;

/** Blocks that may be in flight: enough for 4 MiB of bandwidth times delay. */
const BLOCKS_IN_FLIGHT = 4;

/** How {@linkcode sendFile} sends. */
export interface SendFileOptions {
  /** Cancels the transfer, which then rejects with the signal's reason. */
  signal?: AbortSignal;
  /** Is told how many bytes of the file have been sent so far; the last call tells the size. */
  onProgress?: (bytes: number) => void;
  /** Whether nothing is sent after the file; true by default. */
  fin?: boolean;
}

/**
 * Sends the next `size` bytes of a file and, after them, their SHA-256 as 32 bytes.
 *
 * Takes at most four buffers of 1 MiB. When it returns, or throws, nothing is in flight any more. If the
 * transfer is cancelled or the file fails, the sink is aborted; if the sink fails, it is left alone, as
 * the peer may have answered why.
 *
 * @param size In bytes.
 * @returns The SHA-256 as 64 lower-case hexadecimal digits.
 * @throws {SizeChangedError} The file ends before.
 * @throws What the sink throws, of several errors the first.
 */
export async function sendFile(
  sink: ByteSink,
  file: Deno.FsFile,
  size: number,
  options: SendFileOptions = {},
): Promise<string> {
  const { signal, onProgress, fin = true } = options;
  const hash = createHash("sha256");
  const window = new SendWindow(
    sink,
    BLOCKS_IN_FLIGHT,
    Math.min(size, BLOCK_LENGTH) + TRAILER_LENGTH,
  );
  const progress = (bytes: number) => onProgress?.(Math.min(bytes, size));
  const cancel = () => sink.abort?.(ApplicationError.cancelled);
  signal?.throwIfAborted();
  signal?.addEventListener("abort", cancel, { once: true });
  try {
    for (let position = 0;;) {
      const buffer = await window.take();
      signal?.throwIfAborted();
      const block = buffer.subarray(0, Math.min(size - position, BLOCK_LENGTH));
      await readWhole(file, block, position, size);
      signal?.throwIfAborted();
      hash.update(block);
      position += block.length;
      if (position < size) {
        window.send(block, progress);
        continue;
      }
      const digest = hash.digest();
      buffer.set(digest, block.length);
      window.send(buffer.subarray(0, block.length + TRAILER_LENGTH), progress, { fin });
      await window.settle();
      return digest.toString("hex");
    }
  } catch (error) {
    if (!window.failed) sink.abort?.(ApplicationError.internal);
    await window.settle().catch(() => {}); // the first error is being thrown already
    signal?.throwIfAborted();
    throw error;
  } finally {
    signal?.removeEventListener("abort", cancel);
  }
}

async function readWhole(
  file: Deno.FsFile,
  block: Uint8Array,
  position: number,
  size: number,
): Promise<void> {
  for (let filled = 0; filled < block.length;) {
    const count = await file.read(block.subarray(filled));
    if (count === null) {
      throw new SizeChangedError(
        `File became shorter while it was sent: ${position + filled} bytes instead of ${size}`,
      );
    }
    filled += count;
  }
}
