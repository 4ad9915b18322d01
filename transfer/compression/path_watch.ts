/** Follows what is under way on a stream: for how long there was something, and how much has arrived. */
export class PathWatch {
  readonly #now: () => number;
  #inFlight = 0;
  /** When that last became more than nothing, or nothing. */
  #since: number;
  #busyMs = 0;
  #arrived = 0;

  /** @param now A monotonic clock, in milliseconds. */
  constructor(now: () => number) {
    this.#now = now;
    this.#since = now();
  }

  /** For how long bytes have been under way so far, in milliseconds. */
  get busyMs(): number {
    return this.#inFlight === 0 ? this.#busyMs : this.#busyMs + this.#now() - this.#since;
  }

  /** How many bytes have arrived so far. */
  get arrived(): number {
    return this.#arrived;
  }

  /** For how much of the time since then nothing has been under way until now, in milliseconds. */
  idleSince(then: number): number {
    return this.#inFlight === 0 ? this.#now() - Math.max(then, this.#since) : 0;
  }

  sent(bytes: number): void {
    if (this.#inFlight === 0) this.#since = this.#now();
    this.#inFlight += bytes;
  }

  /** They have arrived, or never will. */
  settled(bytes: number): void {
    this.#inFlight -= bytes;
    this.#arrived += bytes;
    if (this.#inFlight > 0) return;
    const now = this.#now();
    this.#busyMs += now - this.#since;
    this.#since = now;
  }
}
