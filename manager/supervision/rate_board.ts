/** How many bytes there may be in a second at one worker; 0: any number. */
export interface Rates {
  readonly bytesPerSecond: number;
  readonly tokens: readonly { readonly name: string; readonly bytesPerSecond: number }[];
}

/** Takes note of what may be sent and received. */
export type RateReader = (rates: Rates) => Promise<void>;

/**
 * How many bytes there may be in a second, of all clients of the instance and of those of one token. Its workers
 * share that out evenly, so that together they are never faster, and each knows at once when it changes.
 */
export class RateBoard {
  #all: number;
  readonly #tokens = new Map<string, number>();
  readonly #readers = new Set<RateReader>();

  /** @param all What holds at first for all clients, in bytes in a second; 0 for any number. */
  constructor(all = 0) {
    this.#all = all;
  }

  /** What is set, for all workers together. */
  get current(): Rates {
    return this.#rates(1);
  }

  /** How many workers share it. */
  get workers(): number {
    return this.#readers.size;
  }

  /** One worker more. @returns Disposed of, it is none of them any more. */
  join(reader: RateReader): Disposable {
    this.#readers.add(reader);
    this.#reshare();
    return {
      [Symbol.dispose]: () => {
        this.#readers.delete(reader);
        this.#reshare();
      },
    };
  }

  /**
   * Has another rate hold.
   *
   * @param token Name of a token; all clients where it is left out.
   * @param bytesPerSecond 0 for any number.
   * @throws A worker has not taken note.
   */
  async set(token: string | undefined, bytesPerSecond: number): Promise<void> {
    if (token === undefined) this.#all = bytesPerSecond;
    else if (bytesPerSecond > 0) this.#tokens.set(token, bytesPerSecond);
    else this.#tokens.delete(token);
    await this.#tell();
  }

  #reshare(): void {
    if (this.#all === 0 && this.#tokens.size === 0) return;
    // Who has not taken note says so itself.
    this.#tell().catch(() => {});
  }

  async #tell(): Promise<void> {
    const rates = this.#rates(this.#readers.size);
    const told = await Promise.allSettled(Array.from(this.#readers, (read) => read(rates)));
    for (const result of told) if (result.status === "rejected") throw result.reason;
  }

  #rates(workers: number): Rates {
    return {
      bytesPerSecond: Math.ceil(this.#all / Math.max(1, workers)),
      tokens: Array.from(this.#tokens, ([name, bytesPerSecond]) => ({
        name,
        bytesPerSecond: Math.ceil(bytesPerSecond / Math.max(1, workers)),
      })),
    };
  }
}
