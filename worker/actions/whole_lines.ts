import { concat } from "../../base/mod.ts";

const LF = 10;

/**
 * Cuts what a program writes into pieces that end with a line, so that none goes out in halves. Of a line
 * that is longer than the limit, what has come goes out as it is.
 */
export class WholeLines {
  readonly #maxBytes: number;
  #rest: Uint8Array = new Uint8Array();

  /** @param maxBytes How much of a line that has not ended is held, in bytes. */
  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /** Adds what was read. @returns What can go on; empty if that is nothing yet. The chunk is not kept. */
  take(chunk: Uint8Array): Uint8Array {
    const end = chunk.lastIndexOf(LF) + 1;
    if (end === 0 && this.#rest.length + chunk.length <= this.#maxBytes) {
      this.#rest = concat([this.#rest, chunk]);
      return chunk.subarray(0, 0);
    }
    const tooLong = chunk.length - end > this.#maxBytes || end === 0;
    const cut = tooLong ? chunk.length : end;
    const whole = concat([this.#rest, chunk.subarray(0, cut)]);
    this.#rest = chunk.slice(cut);
    return whole;
  }

  /** What is left at the end: a line that has no end. */
  flush(): Uint8Array {
    const rest = this.#rest;
    this.#rest = new Uint8Array();
    return rest;
  }
}
