import { DeadlineExceededError, TooManyRequestsError } from "./errors.ts";

/** Requests that may wait for their answers at once. */
export const MAX_PENDING = 1024;

/** A request that waits for its answer. */
export interface Pending {
  readonly id: number;
  readonly name: string;
  /** The answer, unchecked. */
  readonly answer: Promise<unknown>;
  /** Aborts when the answer is not waited for any more, however that came. */
  readonly over: AbortSignal;
}

export interface PendingOptions {
  name: string;
  deadlineMs: number;
  signal: AbortSignal | undefined;
  /** Is called when the answer is given up, with its id. */
  onGivenUp(id: number): void;
}

interface Entry {
  settle(outcome: () => void): void;
  resolve(value: unknown): void;
  reject(error: unknown): void;
}

/** The asking side: who waits for which answer, and for how long. */
export class PendingRequests {
  readonly #entries = new Map<number, Entry>();
  #lastId = 0;

  /** Begins to wait. @throws {TooManyRequestsError} */
  add({ name, deadlineMs, signal, onGivenUp }: PendingOptions): Pending {
    if (this.#entries.size >= MAX_PENDING) throw new TooManyRequestsError(MAX_PENDING);
    const id = ++this.#lastId;
    const { promise: answer, resolve, reject } = Promise.withResolvers<unknown>();
    const over = new AbortController();
    const settle = (outcome: () => void): void => {
      this.#entries.delete(id);
      clearTimeout(timer);
      signal?.removeEventListener("abort", onAbort);
      outcome();
      over.abort();
    };
    const giveUp = (reason: unknown): void => {
      settle(() => reject(reason));
      onGivenUp(id);
    };
    const onAbort = (): void => giveUp(signal?.reason);
    const timer = setTimeout(
      () => giveUp(new DeadlineExceededError(name, deadlineMs)),
      deadlineMs,
    );
    signal?.addEventListener("abort", onAbort);
    this.#entries.set(id, { settle, resolve, reject });
    return { id, name, answer, over: over.signal };
  }

  resolve(id: number, value: unknown): void {
    const entry = this.#entries.get(id);
    entry?.settle(() => entry.resolve(value));
  }

  reject(id: number, error: unknown): void {
    const entry = this.#entries.get(id);
    entry?.settle(() => entry.reject(error));
  }

  /** There will be no answers. */
  rejectAll(error: unknown): void {
    for (const id of [...this.#entries.keys()]) this.reject(id, error);
  }
}
