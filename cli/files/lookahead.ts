import { delay } from "../../base/mod.ts";

/** How many items are found ahead of those that are dealt with. */
const MAX_AHEAD = 10_000;

/** How long to look for more, once one is found, before those are dealt with, in milliseconds. */
const MAX_LOOK_MS = 10;

/**
 * Items that are still being found while the first of them are dealt with. It looks some thousand ahead, but
 * not for long, so that what there is in all is mostly known, and takes no more memory than these.
 */
export class Lookahead<Item> implements AsyncIterable<Item> {
  readonly #source: AsyncIterator<Item>;
  readonly #maxAhead: number;
  readonly #maxLookMs: number;
  #found: Item[] = [];
  /** The one that comes next, once it is asked for. */
  #next: Promise<IteratorResult<Item>> | undefined;
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
    const over = new AbortController();
    let deadline: { at: number; passed: Promise<undefined> } | undefined;
    try {
      while (this.#found.length < this.#maxAhead) {
        if (deadline !== undefined && performance.now() >= deadline.at) return;
        const next = this.#next ??= this.#ask();
        // One that takes long is waited for when those before it are dealt with.
        const found = await (deadline === undefined ? next : Promise.race([next, deadline.passed]));
        if (found === undefined) return;
        this.#next = undefined;
        this.#complete = found.done === true;
        if (found.done) return;
        this.#found.push(found.value);
        this.#count++;
        deadline ??= this.#deadline(over.signal);
      }
    } catch (error) {
      if (this.#found.length === 0) throw error;
      // Those before it first: it is met again when they are dealt with.
    } finally {
      over.abort();
    }
  }

  #ask(): Promise<IteratorResult<Item>> {
    const next = this.#source.next();
    next.catch(() => {}); // looked at in its turn
    return next;
  }

  #deadline(signal: AbortSignal): { at: number; passed: Promise<undefined> } {
    const at = performance.now() + this.#maxLookMs;
    if (this.#maxLookMs === Infinity) return { at, passed: new Promise(() => {}) };
    return { at, passed: delay(this.#maxLookMs, signal).then(() => undefined, () => undefined) };
  }
}

async function* iterate<Item>(items: Iterable<Item>): AsyncGenerator<Item> {
  yield* items;
}
