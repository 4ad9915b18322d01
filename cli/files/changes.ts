import { delay, orAborted } from "../../base/mod.ts";

/** How long nothing has to happen before what has is told, in milliseconds, and how long that is waited for. */
const QUIET_MS = 300;
const MAX_WAIT_MS = 3000;

/** Of more names, only that there are more is kept. */
const MAX_NAMES = 10_000;

/** What has changed in a directory. */
export interface Changes {
  /** Paths below it, with slashes between; `undefined`: more than could be kept, or it is not known which. */
  names: string[] | undefined;
}

/** Gathers what changes, until it is quiet. */
export class ChangeCollector {
  readonly #names = new Set<string>();
  #unknown = false;
  #lastAt = 0;
  #failure: { error: unknown } | undefined;
  #happened = Promise.withResolvers<void>();

  /** Something has changed: what is at a path, or, without one, nobody knows what. */
  add(name?: string): void {
    if (name === undefined) this.#unknown = true;
    else if (this.#names.size < MAX_NAMES) this.#names.add(name);
    else this.#unknown = true;
    this.#lastAt = performance.now();
    this.#happened.resolve();
  }

  /** Nothing more is heard. */
  fail(error: unknown): void {
    this.#failure = { error };
    this.#happened.resolve();
  }

  /**
   * What has changed since it was asked last, once it is quiet.
   *
   * @param mostMs After how long without a change it is not known any more whether there was one, in
   * milliseconds; by default that is known for ever.
   * @throws The signal's reason when it aborts.
   */
  async next(signal: AbortSignal, mostMs?: number): Promise<Changes> {
    using idle = mostMs === undefined ? undefined : after(mostMs, () => this.add());
    await orAborted(this.#happened.promise, signal);
    idle?.[Symbol.dispose]();
    const end = performance.now() + MAX_WAIT_MS;
    for (;;) {
      const rest = Math.min(this.#lastAt + QUIET_MS, end) - performance.now();
      if (rest <= 0 || this.#failure !== undefined) break;
      await delay(rest, signal);
    }
    if (this.#failure !== undefined) throw this.#failure.error;
    const changes = { names: this.#unknown ? undefined : [...this.#names].sort() };
    this.#names.clear();
    this.#unknown = false;
    this.#happened = Promise.withResolvers();
    return changes;
  }
}

function after(ms: number, action: () => void): Disposable {
  const timer = setTimeout(action, ms);
  return { [Symbol.dispose]: () => clearTimeout(timer) };
}
