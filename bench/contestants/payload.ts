import type { ByteSink } from "../../transfer/mod.ts";

/** Bytes of a request's payload, of its answer's, and of a message on a long-lived stream. */
export const PAYLOAD = { request: 512, answer: 4000, message: 128 } as const;

const BLOCK_BYTES = 1024 * 1024;
const BLOCKS_IN_FLIGHT = 4;

/**
 * Sends `bytes` bytes from memory, from one block again and again, and finishes the stream.
 *
 * @param blocks How many blocks of 1 MiB are under way.
 */
export async function sendFromMemory(
  sink: ByteSink,
  bytes: number,
  blocks = BLOCKS_IN_FLIGHT,
): Promise<void> {
  const block = new Uint8Array(Math.min(bytes, BLOCK_BYTES));
  const sends: Promise<void>[] = [];
  for (let sent = 0; sent < bytes; sent += block.length) {
    if (sends.length >= blocks) await sends.shift();
    const fin = bytes - sent <= block.length;
    const send = sink.send(block.subarray(0, bytes - sent), { fin });
    send.catch(() => {}); // is looked at in its turn
    sends.push(send);
  }
  await Promise.all(sends);
}

/** @throws {Error} Not what was expected. */
export function checkBytes(what: string, actual: number, expected: number): void {
  if (actual !== expected) throw new Error(`${what} has ${actual} bytes instead of ${expected}`);
}
