/** What is lent is no more than this share of a budget. */
const LENT_SHARE = 1 / 2;

/**
 * A bound on what all users of a process together may make it hold, in bytes. Nothing is taken or freed here,
 * only counted.
 *
 * Half of it is lent to those who have use for much: to each as much as is left for others then. One alone
 * has a quarter of the budget, three have an eighth each; so whoever comes finds some, however many there
 * are, and nobody's share has to be known. The other half is for the little that everybody has in any case.
 * Where that is more, less is lent.
 */
export class MemoryBudget {
  /** How many bytes there are in all. */
  readonly bytes: number;
  #lent = 0;
  #claimed = 0;

  constructor(bytes: number) {
    this.bytes = bytes;
  }

  /** How many of them are given out: more than there are only where more were claimed. */
  get used(): number {
    return this.#lent + this.#claimed;
  }

  /**
   * Takes bytes, if there is room for them.
   *
   * @param held How many the same user has already.
   * @returns Whether it has them now; then it gives them back.
   */
  lend(bytes: number, held: number): boolean {
    if (held + bytes > this.#room - bytes) return false;
    this.#lent += bytes;
    return true;
  }

  /** What was lent is not needed any more. */
  giveBack(bytes: number): void {
    this.#lent -= bytes;
  }

  /** Takes bytes that nobody is denied: others make do with less. */
  claim(bytes: number): void {
    this.#claimed += bytes;
  }

  /** What was claimed is not needed any more. */
  release(bytes: number): void {
    this.#claimed -= bytes;
  }

  /** Whether somebody who holds so many has more than is left for others. */
  isCrowded(held: number): boolean {
    return held > this.#room;
  }

  get #room(): number {
    return Math.min(LENT_SHARE * this.bytes - this.#lent, this.bytes - this.used);
  }
}
