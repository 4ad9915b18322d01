/** How many blocks a pool has. */
const BLOCKS = 64;

/**
 * A fixed number of equal blocks of memory that are used again and again, where new memory for each use
 * would have to be collected. It is there from the first use on.
 */
export class BlockPool {
  readonly #blockBytes: number;
  readonly #free: number[] = [];
  #memory: Uint8Array<ArrayBuffer> | undefined;

  /** @param blockBytes How long a block is. */
  constructor(blockBytes: number) {
    this.#blockBytes = blockBytes;
  }

  /** `length` bytes with any content, or `undefined` if they are more than a block has, or none is free. */
  take(length: number): Uint8Array<ArrayBuffer> | undefined {
    if (length > this.#blockBytes) return undefined;
    const memory = this.#memory ??= this.#begin();
    const block = this.#free.pop();
    if (block === undefined) return undefined;
    const start = block * this.#blockBytes;
    return memory.subarray(start, start + length);
  }

  /** Gives back what was taken, once. What is not of this pool is left alone. */
  giveBack(bytes: Uint8Array): void {
    if (bytes.buffer !== this.#memory?.buffer) return;
    this.#free.push(bytes.byteOffset / this.#blockBytes);
  }

  #begin(): Uint8Array<ArrayBuffer> {
    for (let block = BLOCKS - 1; block >= 0; block--) this.#free.push(block);
    return new Uint8Array(BLOCKS * this.#blockBytes);
  }
}
