/** How long chunks are at least, in bytes. */
const LEAST_LENGTH = 8 * 1024 * 1024;

/** How many chunks a file has at most: those of a larger one are longer. */
export const MAX_CHUNKS = 16_384;

/** The largest file that has chunks, in bytes: what is there of one is counted in 32 bits. */
export const MAX_CHUNKED_SIZE = MAX_CHUNKS * 2 ** 31;

/**
 * The chunks of a file: of one length, which follows from the file's size, but for the last one. What they
 * are is part of the protocol.
 */
export class Chunks {
  /** Of the file, in bytes. */
  readonly size: number;
  /** Of each chunk but the last one, in bytes. */
  readonly length: number;
  /** How many there are. */
  readonly count: number;

  /** @param size From 1 to {@linkcode MAX_CHUNKED_SIZE}. */
  constructor(size: number) {
    if (!(size >= 1 && size <= MAX_CHUNKED_SIZE)) {
      throw new RangeError(`A file of ${size} bytes has no chunks`);
    }
    let length = LEAST_LENGTH;
    while (length * MAX_CHUNKS < size) length *= 2;
    this.size = size;
    this.length = length;
    this.count = Math.ceil(size / length);
  }

  /** Where a chunk begins in the file. */
  startOf(chunk: number): number {
    return chunk * this.length;
  }

  /** How long a chunk is. */
  lengthOf(chunk: number): number {
    return Math.min(this.length, this.size - this.startOf(chunk));
  }
}

/** Whether a file of that size has several chunks. */
export function hasChunks(size: number): boolean {
  return size > LEAST_LENGTH && size <= MAX_CHUNKED_SIZE;
}
