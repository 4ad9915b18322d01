/** What must not be: said at once, and counted; of many that are alike, some are enough. */
export class Findings {
  readonly #counts = new Map<string, number>();
  readonly #write: (line: string) => void;
  readonly #lines: string[] = [];

  constructor(write: (line: string) => void = console.log) {
    this.#write = write;
  }

  /** What was found, in the words in which it was. */
  get lines(): readonly string[] {
    return this.#lines;
  }

  /**
   * @param what What is wrong, in words that are the same for all that are alike.
   * @param where In which case, and what is particular to it.
   */
  add(what: string, where: string): void {
    const count = (this.#counts.get(what) ?? 0) + 1;
    this.#counts.set(what, count);
    if (count > SHOWN) return;
    const line = `${what}: ${where}`;
    this.#lines.push(line);
    this.#write(`FOUND  ${line}`);
  }

  /** How often each was found. */
  get counts(): ReadonlyMap<string, number> {
    return this.#counts;
  }
}

const SHOWN = 5;
