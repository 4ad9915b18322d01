/** How many items are found ahead of those that are dealt with. */
const MAX_AHEAD = 10_000;

/** How long to look for more, once one is found, before those are dealt with, in milliseconds. */
const MAX_LOOK_MS = 30;

/**
 * Items that are still being found while the first of them are dealt with. It looks some thousand ahead, but
 * not for long, so that what there is in all is mostly known, and takes no more memory than these.
 */
export class Lookahead<Item> implements AsyncIterable<Item> {
  readonly #source: AsyncIterator<Item>;
  readonly #maxAhead: number;
  readonly #maxLookMs: number;
  #found: Item[] = [];
  #count = 0;
  #complete = false;

  constructor(
    items: AsyncIterable<Item> | Iterable<Item>,
    { maxAhead = MAX_AHEAD, maxLookMs = MAX_LOOK_MS } = {},
  ) {
    this.#source = Symbol.asyncIterator in items ? items[Symbol.asyncIterator]() : iterate(items);
    this.#maxAhead = maxAhead;
    this.#maxLookMs = maxLookMs;
  }

  /** How many items have been found so far. */
  get count(): number {
    return this.#count;
  }

  /** Whether these are all. */
  get complete(): boolean {
    return this.#complete;
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Item> {
    do {
      await this.#look();
      const items = this.#found;
      this.#found = [];
      yield* items;
    } while (!this.#complete);
  }

  async #look(): Promise<void> {
    let deadline = Infinity;
    while (this.#found.length < this.#maxAhead && performance.now() < deadline) {
      const { done, value } = await this.#source.next();
      if (deadline === Infinity) deadline = performance.now() + this.#maxLookMs;
      if (done) {
        this.#complete = true;
        return;
      }
      this.#found.push(value);
      this.#count++;
    }
  }
}

async function* iterate<Item>(items: Iterable<Item>): AsyncGenerator<Item> {
  yield* items;
}
