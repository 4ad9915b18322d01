import { ProtocolError } from "../../protocol/errors.ts";
import type { BlockHeader } from "../../protocol/blocks.ts";
import type { Tasks } from "../../tasks/tasks.ts";
import compressTask from "./compress_task.ts";
import decompressTask from "./decompress_task.ts";
import type * as Zstd from "./zstd.ts";

/** What is no longer, in bytes, is done here: a tenth of a millisecond, as long as it takes to have it done. */
const LITTLE_LENGTH = 32 * 1024;

/** How long compressing may take, with its wait for a thread, before the bytes go as they are: milliseconds. */
const COMPRESS_MS = 3000;

/** How long decompressing may wait for a thread before it is done here, in milliseconds. */
const DECOMPRESS_MS = 2000;

/** How much memory is kept for blocks to come: a peer may send longer and longer ones, for each of which there is none. */
const KEPT_BLOCKS = 4;

let loading: Promise<typeof Zstd> | undefined;

/** Loaded when it is first needed, as it takes milliseconds. */
function zstd(): Promise<typeof Zstd> {
  return loading ??= import("./zstd.ts");
}

/** Compresses and decompresses blocks on threads beside the event loop; the runtime's own calls would hold it up. */
export class BlockCoder {
  readonly #tasks: Tasks;
  /** Memory that threads compress from, and that is free. */
  readonly #shared: Uint8Array<SharedArrayBuffer>[] = [];

  constructor(tasks: Tasks) {
    this.#tasks = tasks;
  }

  /**
   * Compresses a block, which may be changed again once this has returned.
   *
   * @returns `undefined`: there is no thread for it at the moment.
   */
  async compress(block: Uint8Array, level: number): Promise<Uint8Array | undefined> {
    if (block.length <= LITTLE_LENGTH) return (await zstd()).compress(block, level);
    const memory = this.#take(block.length);
    const input = memory.subarray(0, block.length);
    input.set(block);
    try {
      // What others have done goes first: this may go without.
      const options = { deadlineMs: COMPRESS_MS, priority: "low" } as const;
      const frame = await this.#tasks.run(compressTask, { block: input, level }, options);
      this.#giveBack(memory);
      return frame;
    } catch {
      // What has not been done in time may still be read by a thread: the memory is not used again.
      return undefined;
    }
  }

  /** How much less than a part of a block is left of it, compressed: 1 where it becomes no shorter. */
  async tryPart(part: Uint8Array): Promise<number> {
    const frame = (await zstd()).compress(part.subarray(0, LITTLE_LENGTH), 1);
    return Math.min(1, frame.length / Math.min(part.length, LITTLE_LENGTH));
  }

  /** How much memory it keeps for blocks to come, in bytes. */
  get keptBytes(): number {
    return this.#shared.reduce((sum, { length }) => sum + length, 0);
  }

  /** Memory to read a frame into, of at least so many bytes, for {@linkcode decompress}. */
  memoryFor(length: number): Uint8Array<SharedArrayBuffer> {
    return this.#take(length);
  }

  /**
   * What was compressed.
   *
   * @param memory With the frame at its start; it is not to be used any more.
   * @param sent How long the frame is, in bytes.
   * @param length What has to be in it, in bytes.
   * @throws {ProtocolError} `bad-block`: something else is, or nothing that was compressed.
   */
  async decompress(
    memory: Uint8Array<SharedArrayBuffer>,
    { sent, length }: BlockHeader,
  ): Promise<Uint8Array> {
    const frame = memory.subarray(0, sent);
    if (length <= LITTLE_LENGTH) {
      const bytes = await decompressHere(frame, length);
      this.#giveBack(memory);
      return bytes;
    }
    let bytes: Uint8Array | undefined;
    try {
      const options = { deadlineMs: DECOMPRESS_MS };
      bytes = await this.#tasks.run(decompressTask, { frame, length }, options);
    } catch {
      return await decompressHere(frame, length); // all threads are busy with something else
    }
    this.#giveBack(memory);
    if (bytes === undefined) throw badBlock(length);
    return bytes;
  }

  #giveBack(memory: Uint8Array<SharedArrayBuffer>): void {
    this.#shared.push(memory);
    if (this.#shared.length <= KEPT_BLOCKS) return;
    const shortest = this.#shared.reduce((one, other) => other.length < one.length ? other : one);
    this.#shared.splice(this.#shared.indexOf(shortest), 1);
  }

  #take(length: number): Uint8Array<SharedArrayBuffer> {
    const index = this.#shared.findIndex((memory) => memory.length >= length);
    const [memory] = index < 0 ? [] : this.#shared.splice(index, 1);
    return memory ?? new Uint8Array(new SharedArrayBuffer(length));
  }
}

async function decompressHere(frame: Uint8Array, length: number): Promise<Uint8Array> {
  const { decompress } = await zstd();
  try {
    return decompress(frame, length);
  } catch (error) {
    if (error instanceof RangeError) throw badBlock(length);
    throw error;
  }
}

function badBlock(length: number): ProtocolError {
  return new ProtocolError("bad-block", `Block of ${length} bytes is not what its header says`);
}
