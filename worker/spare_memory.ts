/** How long there must be quiet before memory is given back, in milliseconds. */
const QUIET_MS = 1000;

/** So many turns of the event loop in that time are no work worth mentioning. */
const QUIET_TURNS = 500;

/** What giving memory back takes. */
export interface SpareMemoryOptions {
  /** How many turns the network's event loop has made. */
  turns: () => number;
  /** Gives memory back; is not called again before it is done. */
  release: () => Promise<void>;
  /** How long there must be quiet before; a second by default. */
  quietMs?: number;
}

/**
 * Gives memory back when clients have come or gone and there is quiet: a handshake takes memory that a
 * session does not. Nothing is done for a request, and nothing at all where no client comes or goes.
 */
export class SpareMemory implements AsyncDisposable {
  readonly #options: SpareMemoryOptions;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #releasing: Promise<void> | undefined;
  #closed = false;

  constructor(options: SpareMemoryOptions) {
    this.#options = options;
  }

  /** A client has come or gone. */
  note(): void {
    if (this.#timer === undefined && !this.#closed) this.#watch();
  }

  /** Gives back nothing more, and waits until that is over. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#timer);
    await this.#releasing;
  }

  #watch(): void {
    const { turns, quietMs = QUIET_MS } = this.#options;
    const before = turns();
    this.#timer = setTimeout(() => {
      // The count begins again at 0 after the last.
      if ((turns() - before) >>> 0 > QUIET_TURNS || this.#releasing !== undefined) {
        return this.#watch();
      }
      this.#timer = undefined;
      this.#releasing = this.#release();
    }, quietMs);
  }

  async #release(): Promise<void> {
    await this.#options.release();
    this.#releasing = undefined;
  }
}
