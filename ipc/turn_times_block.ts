import { TURN_BOUNDS_MS } from "../ffi/msquic/events/turn_times.ts";

const COUNTS = TURN_BOUNDS_MS.length + 1;

/** Bytes of memory that the histogram takes. */
export const TURN_TIMES_BLOCK_BYTES = COUNTS * Float64Array.BYTES_PER_ELEMENT;

/** In shared memory, how long the turns of a worker's event loop took: see `TURN_BOUNDS_MS`. */
export class TurnTimesBlock {
  readonly #words: Float64Array<ArrayBuffer>;

  constructor(buffer: ArrayBuffer, offset: number) {
    this.#words = new Float64Array(buffer, offset, COUNTS);
  }

  /** Replaces what is there. */
  show(counts: ArrayLike<number>): void {
    this.#words.set(counts);
  }

  /** What is there, or null when that is no histogram. */
  snapshot(): number[] | null {
    const counts = Array.from(this.#words);
    return counts.every((count) => Number.isFinite(count) && count >= 0) ? counts : null;
  }
}
