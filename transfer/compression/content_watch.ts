/** From which share of its length on a block goes as it is, rather than compressed. */
const WORTH = 0.95;

/** After how many blocks that were not tried the next one is, at most. */
const MAX_SKIPPED = 16;

/** Whether so few bytes are worth the work of compressing, and decompressing. */
export function isWorth(sent: number, length: number): boolean {
  return sent <= WORTH * length;
}

/**
 * Which blocks are tried, so that what cannot be compressed costs little: after each that is not worth it
 * twice as many go untried, up to {@linkcode MAX_SKIPPED}. Content changes, so there is always a next try.
 */
export class ContentWatch {
  #skipped = 0;
  #left = 0;
  #doubtful = true;

  /** Whether a part of a block is to be tried first, since the one before was none, or not worth it. */
  get doubtful(): boolean {
    return this.#doubtful;
  }

  /**
   * Whether the next block is to be tried.
   *
   * @param most How many blocks that are not go together, at most.
   * @returns 0, or how many blocks are not, from this one on.
   */
  untried(most: number): number {
    const count = Math.min(this.#left, most);
    this.#left -= count;
    return count;
  }

  /** Takes note of one that was tried. */
  note(isWorth: boolean): void {
    this.#doubtful = !isWorth;
    this.#skipped = isWorth ? 0 : Math.min(MAX_SKIPPED, Math.max(1, 2 * this.#skipped));
    this.#left = this.#skipped;
  }
}
