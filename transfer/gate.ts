/** Lets a few in at a time, in the order in which they come. */
export class Gate {
  #free: number;
  readonly #waiting = new Set<() => void>();

  /** @param places How many may be in at once. */
  constructor(places: number) {
    this.#free = places;
  }

  /** Takes a place, if there is one. @returns It is taken until it is disposed of. */
  tryEnter(): Disposable | undefined {
    if (this.#free === 0) return undefined;
    this.#free--;
    return this.#place();
  }

  /**
   * Waits for a place.
   *
   * @returns The place, taken until it is disposed of.
   * @throws The signal's reason when it aborts.
   */
  async enter(signal?: AbortSignal): Promise<Disposable> {
    signal?.throwIfAborted();
    if (this.#free > 0) this.#free--;
    else await this.#wait(signal);
    return this.#place();
  }

  #place(): Disposable {
    let taken = true;
    return {
      [Symbol.dispose]: () => {
        if (taken) this.#leave();
        taken = false;
      },
    };
  }

  #wait(signal: AbortSignal | undefined): Promise<void> {
    return new Promise((resolve, reject) => {
      const admit = () => {
        signal?.removeEventListener("abort", giveUp);
        resolve();
      };
      const giveUp = () => {
        this.#waiting.delete(admit);
        reject(signal?.reason);
      };
      signal?.addEventListener("abort", giveUp, { once: true });
      this.#waiting.add(admit);
    });
  }

  #leave(): void {
    const [next] = this.#waiting;
    if (next === undefined) {
      this.#free++;
    } else {
      this.#waiting.delete(next);
      next();
    }
  }
}
