import { createHash } from "node:crypto";
import { ApplicationError } from "../protocol/mod.ts";
import type { ByteSink } from "../transfer/mod.ts";

const BLOCK_LENGTH = 1024 * 1024;

/** How {@linkcode sendBytes} sends. */
export interface SendBytesOptions {
  /** Cancels the transfer: the sink is aborted. */
  signal: AbortSignal;
  /** Is told how many bytes have been sent so far. */
  onProgress?: ((bytes: number) => void) | undefined;
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
  { signal, onProgress }: SendBytesOptions,
): Promise<string> {
  const cancel = () => sink.abort?.(ApplicationError.cancelled);
  signal.addEventListener("abort", cancel, { once: true });
  try {
    return await sendBlocks(sink, data, signal, onProgress);
  } finally {
    signal.removeEventListener("abort", cancel);
  }
}

async function sendBlocks(
  sink: ByteSink,
  data: Uint8Array,
  signal: AbortSignal,
  onProgress?: (bytes: number) => void,
): Promise<string> {
  const hash = createHash("sha256");
  const sends: Promise<void>[] = [];
  for (let start = 0; start < data.length; start += BLOCK_LENGTH) {
    signal.throwIfAborted();
    const block = data.subarray(start, start + BLOCK_LENGTH);
    const sent = sink.send(block).then(() => onProgress?.(start + block.length));
    sent.catch(() => {}); // is looked at below, in its turn
    sends.push(sent);
    hash.update(block);
    // One block is always under way while the next one is hashed.
    await sends.at(-2);
  }
  const digest = hash.digest();
  await Promise.all([...sends, sink.send(digest, { fin: true })]);
  return digest.toString("hex");
}
