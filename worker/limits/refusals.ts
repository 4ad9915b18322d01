/** So many in a second are told at once; each further one has to wait. */
const PROMPT = 200;

/** How long that is, in milliseconds. */
const HOLD_MS = 250;

const SECOND_MS = 1000;

/**
 * Refusals of one client's requests. To refuse costs about as much as to serve what is small, so who goes on
 * regardless is answered late: while a refusal is held back, its stream is taken, and a client has so many.
 * Who takes its requests back and sends others instead holds none, and is a flood before long.
 */
export class Refusals {
  readonly #flood: number;
  readonly #now: () => number;
  #since = -Infinity;
  #count = 0;

  /**
   * @param streams How many requests the client may have at once.
   * @param now A monotonic clock, in milliseconds.
   */
  constructor(streams: number, now: () => number = () => performance.now()) {
    // Twice as many as there can be of a client that waits for what is held back.
    this.#flood = PROMPT + 2 * streams * SECOND_MS / HOLD_MS;
    this.#now = now;
  }

  /** One more. @returns For how long to hold it back, in milliseconds; `undefined` if it is a flood. */
  next(): number | undefined {
    const now = this.#now();
    if (now - this.#since >= SECOND_MS) {
      this.#since = now;
      this.#count = 0;
    }
    this.#count++;
    if (this.#count > this.#flood) return undefined;
    return this.#count > PROMPT ? HOLD_MS : 0;
  }
}
