import { createHash } from "node:crypto";
import { setImmediate as nextTurn } from "node:timers/promises";
import { ApplicationError } from "../protocol/mod.ts";
import type { ByteSink, FileStart, TransferTimes } from "../transfer/mod.ts";

const BLOCK_LENGTH = 1024 * 1024;

/** Blocks that may be in flight at least, and where the path takes so many. Nothing is copied for them. */
const FEW_BLOCKS = 2;
const MANY_BLOCKS = 64;

/** How {@linkcode sendBytes} sends. */
export interface SendBytesOptions {
  /** Cancels the transfer: the sink is aborted. */
  signal: AbortSignal;
  /** Is told how many bytes have been sent so far. */
  onProgress?: ((bytes: number) => void) | undefined;
  /** What the server has already; nothing by default. */
  start?: FileStart | undefined;
  /** Is told what was waited for. */
  times: TransferTimes;
}

/**
 * Sends bytes from memory and, after them, their SHA-256, then finishes the stream.
 *
 * @param data Must not change meanwhile.
 * @returns The SHA-256 as 64 lower-case hexadecimal digits.
 */
export async function sendBytes(
  sink: ByteSink,
  data: Uint8Array,
  options: SendBytesOptions,
): Promise<string> {
  const { signal } = options;
  const cancel = () => sink.abort?.(ApplicationError.cancelled);
  signal.addEventListener("abort", cancel, { once: true });
  try {
    return await sendBlocks(sink, data, options);
  } finally {
    signal.removeEventListener("abort", cancel);
  }
}

/** Hashes the first `length` bytes, block by block, so that other work goes on meanwhile. */
export async function hashBytes(
  data: Uint8Array,
  length: number,
  signal?: AbortSignal,
): Promise<FileStart> {
  const hash = createHash("sha256");
  for (let at = 0; at < length; at += BLOCK_LENGTH) {
    hash.update(data.subarray(at, Math.min(at + BLOCK_LENGTH, length)));
    await nextTurn();
    signal?.throwIfAborted();
  }
  return { offset: length, hash };
}

async function sendBlocks(
  sink: ByteSink,
  data: Uint8Array,
  { signal, onProgress, start, times }: SendBytesOptions,
): Promise<string> {
  const hash = start?.hash ?? createHash("sha256");
  const sends: Promise<void>[] = [];
  for (let at = start?.offset ?? 0; at < data.length; at += BLOCK_LENGTH) {
    signal.throwIfAborted();
    const block = data.subarray(at, at + BLOCK_LENGTH);
    const sent = sink.send(block).then(() => onProgress?.(at + block.length));
    sent.catch(() => {}); // is looked at below, in its turn
    sends.push(sent);
    const hashingSince = performance.now();
    hash.update(block);
    const hashedAt = performance.now();
    // So many are under way while the next one is hashed.
    const count = Math.ceil((sink.idealBytes ?? 0) / BLOCK_LENGTH);
    await sends.at(-Math.min(Math.max(FEW_BLOCKS, count), MANY_BLOCKS));
    times.hashMs += hashedAt - hashingSince;
    times.peerMs += performance.now() - hashedAt;
  }
  const digest = hash.digest();
  await Promise.all([...sends, sink.send(digest, { fin: true })]);
  return digest.toString("hex");
}
