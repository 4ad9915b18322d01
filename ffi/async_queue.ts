/** A queue whose items one consumer takes with `for await`. */
export class AsyncQueue<T> implements AsyncIterable<T> {
  readonly #items: T[] = [];
  #waiting: ((result: IteratorResult<T, undefined>) => void) | undefined;
  #ended = false;

  /** Items that nobody has taken yet. */
  get size(): number {
    return this.#items.length;
  }

  /** Adds an item; tells whether it was taken in (not after {@linkcode AsyncQueue.end}). */
  push(item: T): boolean {
    if (this.#ended) return false;
    if (this.#waiting !== undefined) this.#settle({ value: item, done: false });
    else this.#items.push(item);
    return true;
  }

  /** Ends the iteration after the items that are still there. */
  end(): void {
    this.#ended = true;
    if (this.#waiting !== undefined) this.#settle({ value: undefined, done: true });
  }

  /** Takes out what nobody has taken yet. */
  drain(): T[] {
    return this.#items.splice(0);
  }

  [Symbol.asyncIterator](): AsyncIterator<T, undefined> {
    return {
      next: () => this.#next(),
      return: () => Promise.resolve({ value: undefined, done: true }),
    };
  }

  #next(): Promise<IteratorResult<T, undefined>> {
    const item = this.#items.shift();
    if (item !== undefined) return Promise.resolve({ value: item, done: false });
    if (this.#ended) return Promise.resolve({ value: undefined, done: true });
    if (this.#waiting !== undefined) {
      return Promise.reject(new TypeError("Cannot iterate twice at once over one queue"));
    }
    return new Promise((resolve) => this.#waiting = resolve);
  }

  #settle(result: IteratorResult<T, undefined>): void {
    const resolve = this.#waiting;
    this.#waiting = undefined;
    resolve?.(result);
  }
}
