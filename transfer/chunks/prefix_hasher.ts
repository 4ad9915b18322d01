import { createHash, type Hash } from "node:crypto";
import { SizeChangedError } from "../errors.ts";
import { hashInSlices } from "../hash_in_slices.ts";
import { lendBlock } from "../lend_block.ts";
import type { Chunks } from "./chunks.ts";
import type { PositionedReader } from "./positioned_file.ts";

/**
 * Hashes a file chunk by chunk: of all of it up to the end of each there is a SHA-256, at the price of one,
 * since what is known of a hash can be copied. So what two have of a file can be compared, and the first chunk
 * in which they differ be named. The last one is the SHA-256 of the file.
 */
export class PrefixHasher {
  readonly #file: PositionedReader;
  readonly chunks: Chunks;
  #hash: Hash = createHash("sha256");
  #tried: Hash | undefined;
  #next = 0;

  constructor(file: PositionedReader, chunks: Chunks) {
    this.#file = file;
    this.chunks = chunks;
  }

  /** Which chunk is to be hashed. */
  get next(): number {
    return this.#next;
  }

  /**
   * Reads the next chunk, slice by slice, so that everything else goes on meanwhile.
   *
   * @returns The SHA-256 of all up to its end, in 32 bytes. Whether it is right is to be said with
   * {@linkcode accept}: without, it is read again the next time.
   * @throws {SizeChangedError} The file is shorter.
   */
  async digest(signal?: AbortSignal): Promise<Uint8Array> {
    const hash = this.#hash.copy();
    const end = this.chunks.startOf(this.#next) + this.chunks.lengthOf(this.#next);
    for (let position = this.chunks.startOf(this.#next); position < end;) {
      using lent = await lendBlock(signal);
      const { buffer } = lent;
      const block = buffer.subarray(0, Math.min(buffer.length, end - position));
      const count = await this.#file.readAt(block, position);
      signal?.throwIfAborted();
      if (count < block.length) {
        throw new SizeChangedError(
          `File has ${position + count} bytes, where ${this.chunks.size} should be`,
        );
      }
      await hashInSlices(hash, block);
      position += count;
    }
    this.#tried = hash;
    return hash.copy().digest();
  }

  /** Goes on behind the chunk that was hashed last. */
  accept(): void {
    if (this.#tried === undefined) throw new Error("Nothing was hashed");
    this.#hash = this.#tried;
    this.#tried = undefined;
    this.#next++;
  }
}
