import { createHash } from "node:crypto";
import { ApplicationError } from "../../protocol/application_errors.ts";
import { TRAILER_LENGTH } from "../../protocol/limits.ts";
import type { ByteSink } from "../byte_sink.ts";
import type { ReadableFile } from "../storage/open_file.ts";
import { DamagedFileError, SizeChangedError } from "../errors.ts";
import type { FileStart } from "../hash_prefix.ts";
import { GENEROUS, type SendLender } from "./send_budget.ts";
import type { TransferTimes } from "../transfer_times.ts";
import { SendWindow } from "./send_window.ts";

/** Bytes that are read, hashed and sent at a time. */
const BLOCK_LENGTH = 1024 * 1024;

/** Blocks that may be in flight at least: enough for 4 MiB of bandwidth times delay; and at most. */
const FEW_BLOCKS = 4;
const MANY_BLOCKS = 64;

const NO_DIGEST = new Uint8Array(TRAILER_LENGTH);

/** How {@linkcode sendFile} sends. */
export interface SendFileOptions {
  /** Cancels the transfer, which then rejects with the signal's reason. */
  signal?: AbortSignal;
  /** Is told how many bytes of the file have been sent so far; the last call tells the size. */
  onProgress?: (bytes: number) => void;
  /** Whether nothing is sent after the file; true by default. */
  fin?: boolean;
  /** What the peer has already, with the file positioned behind it; nothing by default. */
  start?: Partial<FileStart>;
  /** Whether the file is hashed; by default it is. Else zeros are sent in place of its SHA-256. */
  hashed?: boolean;
  /** What its SHA-256 is to be, in hexadecimal: otherwise it is not sent to its end, and aborted as `damaged`. */
  stored?: string | undefined;
  /**
   * Is called when all is read, with the SHA-256 of the file if it is hashed, and the last of it is not sent;
   * what it throws ends the transfer.
   */
  onRead?: (digest: Uint8Array | undefined) => Promise<void>;
  /** Lends the memory; as much as is wanted by default. */
  lender?: SendLender;
  /** Is told what was waited for. */
  times?: TransferTimes;
}

/**
 * Sends a file of `size` bytes, from where it is positioned, and after it the SHA-256 of all of them as
 * 32 bytes.
 *
 * The next block is read, by another thread, while this one is hashed. Blocks are read into buffers rather
 * than mapped: what was hashed is then what is sent, and sent again, and a file that shrinks is an error
 * instead of the end of the process (docs/architecture.md, "Files").
 *
 * Takes four buffers of 1 MiB, more where the path takes more, fewer and smaller ones where so much is not lent. When it returns, or throws, nothing is in flight any more. If the
 * transfer is cancelled, the sink is aborted as `cancelled`, and if the file fails, as `abandoned`: it
 * will not be sent another time. If the sink fails, it is left alone, as the peer may have answered why.
 *
 * @param size In bytes.
 * @returns The SHA-256 as 64 lower-case hexadecimal digits.
 * @throws {SizeChangedError} The file ends before.
 * @throws {DamagedFileError} It is not what it was.
 * @throws What the sink throws, of several errors the first.
 */
export async function sendFile(
  sink: ByteSink,
  file: ReadableFile,
  size: number,
  options: SendFileOptions = {},
): Promise<string> {
  const { signal, onProgress, onRead, fin = true, start, lender = GENEROUS, times, hashed = true } =
    options;
  const { stored } = options;
  const hash = hashed ? start?.hash ?? createHash("sha256") : undefined;
  const offset = start?.offset ?? 0;
  const window = new SendWindow(sink, {
    fewest: FEW_BLOCKS,
    most: MANY_BLOCKS,
    length: Math.min(size - offset, BLOCK_LENGTH) + TRAILER_LENGTH,
    lender,
  });
  const progress = (bytes: number) => onProgress?.(Math.min(offset + bytes, size));
  const cancel = () => sink.abort?.(ApplicationError.cancelled);
  signal?.throwIfAborted();
  signal?.addEventListener("abort", cancel, { once: true });
  let reading = readBlock(window, file, offset, size);
  try {
    for (let position = offset;;) {
      const waitingSince = performance.now();
      const { buffer, block, takenAt } = await reading;
      const readAt = performance.now();
      signal?.throwIfAborted();
      position += block.length;
      const last = position >= size;
      if (!last) reading = readBlock(window, file, position, size);
      hash?.update(block);
      const read = last ? hash?.digest() : undefined;
      if (last) await onRead?.(read);
      if (times !== undefined) addTimes(times, waitingSince, takenAt, readAt);
      if (!last) {
        window.send(block, progress);
        continue;
      }
      const digest = read ?? NO_DIGEST;
      if (read !== undefined) checkStored(read.toHex(), stored);
      buffer.set(digest, block.length);
      window.send(buffer.subarray(0, block.length + TRAILER_LENGTH), progress, { fin });
      const settlingSince = performance.now();
      await window.settle();
      if (times !== undefined) times.peerMs += performance.now() - settlingSince;
      return digest.toHex();
    }
  } catch (error) {
    // Looked at before the sink is aborted: the signal may follow from that, and is not the reason then.
    const fileFailed = !window.failed && !signal?.aborted;
    const { abandoned, damaged } = ApplicationError;
    if (fileFailed) sink.abort?.(error instanceof DamagedFileError ? damaged : abandoned);
    // Both may fail as well; the first error is being thrown already.
    await reading.catch(() => {});
    await window.settle().catch(() => {});
    if (!fileFailed) signal?.throwIfAborted();
    throw error;
  } finally {
    signal?.removeEventListener("abort", cancel);
  }
}

/**
 * @param sha256 Of a file's bytes, in hexadecimal.
 * @param stored What that was when it was stored, where it is known.
 * @throws {DamagedFileError} They are not those that were stored.
 */
export function checkStored(sha256: string, stored: string | undefined): void {
  if (stored === undefined || sha256 === stored) return;
  throw new DamagedFileError(
    "File's bytes are not those that were stored: its disk has changed them; store it again, or touch it " +
      "to have it served as it is",
  );
}

/** Part of a file, at the start of a buffer of the window in which there is room for the trailer. */
interface Block {
  buffer: Uint8Array;
  block: Uint8Array;
  /** When the buffer was free. */
  takenAt: number;
}

/** Of a block that was waited for, read, and then hashed. */
function addTimes(
  times: TransferTimes,
  waitingSince: number,
  takenAt: number,
  readAt: number,
): void {
  const takenSince = Math.max(takenAt, waitingSince);
  times.peerMs += takenSince - waitingSince;
  times.diskMs += readAt - takenSince;
  times.hashMs += performance.now() - readAt;
}

async function readBlock(
  window: SendWindow,
  file: ReadableFile,
  position: number,
  size: number,
): Promise<Block> {
  const taken = window.take();
  // Without a wait, if it can be: the caller hashes at once, and the read should be under way then.
  const buffer = taken instanceof Promise ? await taken : taken;
  const takenAt = performance.now();
  const block = buffer.subarray(0, Math.min(size - position, buffer.length - TRAILER_LENGTH));
  await readWhole(file, block, position, size);
  return { buffer, block, takenAt };
}

async function readWhole(
  file: ReadableFile,
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
