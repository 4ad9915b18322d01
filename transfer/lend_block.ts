import { Gate } from "./gate.ts";

const BLOCK_LENGTH = 1024 * 1024;

/** How many blocks are in memory at once, of all files together: their hashing takes turns anyway. */
const gate = new Gate(8);

/** Blocks to use again. */
const idle: Uint8Array<ArrayBuffer>[] = [];
const MAX_IDLE = 2;

/** Memory of 1 MiB for what is read to be hashed, until it is disposed of; waits while others have it. */
export async function lendBlock(
  signal: AbortSignal | undefined,
): Promise<Disposable & { buffer: Uint8Array }> {
  const place = await gate.enter(signal);
  const buffer = idle.pop() ?? new Uint8Array(BLOCK_LENGTH);
  return {
    buffer,
    [Symbol.dispose]() {
      if (idle.length < MAX_IDLE) idle.push(buffer);
      place[Symbol.dispose]();
    },
  };
}
