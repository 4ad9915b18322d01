/** Takes a queue's items as they come. */
export interface ItemTaker<T> {
  take(item: T): void;
  /** There are no more. */
  end(): void;
}

/** A queue whose items one consumer takes: with `for await`, or by having them handed over. */
export class AsyncQueue<T> implements AsyncIterable<T> {
  /** `undefined` while there are none: thousands of queues are empty for hours. */
  #items: T[] | undefined;
  #waiting: ((result: IteratorResult<T, undefined>) => void) | undefined;
  #taker: ItemTaker<T> | undefined;
  #delivering = false;
  #ended = false;

  /** Items that nobody has taken yet. */
  get size(): number {
    return this.#items?.length ?? 0;
  }

  /** Adds an item; tells whether it was taken in (not after {@linkcode AsyncQueue.end}). */
  push(item: T): boolean {
    if (this.#ended) return false;
    if (this.#waiting !== undefined) {
      this.#settle({ value: item, done: false });
      return true;
    }
    if (this.#items === undefined) this.#items = [item];
    else this.#items.push(item);
    this.#deliver();
    return true;
  }

  /** Whether an item is here that nobody has taken yet. */
  has(item: T): boolean {
    return this.#items?.includes(item) ?? false;
  }

  /** Takes such an item back. */
  withdraw(item: T): void {
    const at = this.#items?.lastIndexOf(item) ?? -1;
    if (at >= 0) this.#items!.splice(at, 1);
  }

  /** Ends the iteration after the items that are still there. */
  end(): void {
    if (this.#ended) return;
    this.#ended = true;
    if (this.#waiting !== undefined) this.#settle({ value: undefined, done: true });
    this.#deliver();
  }

  /** Takes out what nobody has taken yet. */
  drain(): T[] {
    const items = this.#items ?? [];
    this.#items = undefined;
    return items;
  }

  /**
   * Hands the items to a taker that does not throw, those that came together in one microtask, and
   * tells it the end. Unlike an iteration, it keeps neither a promise nor the last item while nothing
   * comes.
   */
  handTo(taker: ItemTaker<T>): void {
    this.#taker = taker;
    if (this.size > 0 || this.#ended) this.#deliver();
  }

  [Symbol.asyncIterator](): AsyncIterator<T, undefined> {
    return {
      next: () => this.#next(),
      return: () => Promise.resolve({ value: undefined, done: true }),
    };
  }

  #deliver(): void {
    const taker = this.#taker;
    if (taker === undefined || this.#delivering) return;
    this.#delivering = true;
    queueMicrotask(() => {
      this.#delivering = false;
      for (const item of this.drain()) taker.take(item);
      if (this.#ended) taker.end();
    });
  }

  #next(): Promise<IteratorResult<T, undefined>> {
    const item = this.#items?.shift();
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
