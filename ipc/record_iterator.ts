import { setImmediate } from "node:timers";

type Result = IteratorResult<Uint8Array<ArrayBuffer>, void>;

/** Records handed out before everything else in the process gets its turn. */
const BURST = 256;

const DONE: Result = { done: true, value: undefined };

/** What records come from: see `Receiver`. */
export interface RecordSource {
  readonly closed: boolean;
  /** Reserves it for one iteration. */
  begin(): void;
  /** Gives it free for the next. */
  end(): void;
  /** The next record, or null when there is none. */
  take(): Uint8Array<ArrayBuffer> | null;
  /** Waits for more; resolves with whether it had to. */
  sleep(): Promise<boolean>;
  /** Ends a sleep. */
  wake(): void;
}

/**
 * Iterates over the records of a receiver.
 *
 * An async generator would do the same in fewer lines at twice the time per record.
 */
export class RecordIterator implements AsyncIterableIterator<Uint8Array<ArrayBuffer>, void, void> {
  readonly #receiver: RecordSource;
  readonly #signal: AbortSignal | undefined;
  readonly #stop = () => {
    this.#stopped = true;
    this.#receiver.wake();
  };
  #state: "new" | "running" | "ended" = "new";
  #stopped = false;
  #waiting = 0;
  #burst = 0;

  constructor(receiver: RecordSource, signal?: AbortSignal) {
    this.#receiver = receiver;
    this.#signal = signal;
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  next(): Promise<Result> {
    if (this.#waiting > 0 || !this.#running || ++this.#burst > BURST) return this.#nextSlowly();
    try {
      const value = this.#receiver.take();
      return value === null ? this.#nextSlowly() : Promise.resolve({ done: false, value });
    } catch (error) {
      this.#end();
      return Promise.reject(error);
    }
  }

  return(): Promise<Result> {
    this.#end();
    if (this.#waiting > 0) this.#receiver.wake();
    return Promise.resolve(DONE);
  }

  get #running(): boolean {
    return this.#state === "running" && !this.#stopped && !this.#receiver.closed;
  }

  async #nextSlowly(): Promise<Result> {
    if (this.#state === "new") this.#begin();
    this.#waiting++;
    try {
      if (this.#burst > BURST) await this.#nextTurn();
      while (this.#running) {
        const value = this.#receiver.take();
        if (value !== null) return { done: false, value };
        if (await this.#receiver.sleep()) this.#burst = 0;
      }
      this.#end();
      return DONE;
    } catch (error) {
      this.#end();
      throw error;
    } finally {
      this.#waiting--;
    }
  }

  async #nextTurn(): Promise<void> {
    await new Promise((resolve) => setImmediate(resolve));
    this.#burst = 0;
  }

  #begin(): void {
    this.#receiver.begin();
    this.#state = "running";
    this.#stopped = this.#signal?.aborted ?? false;
    this.#signal?.addEventListener("abort", this.#stop);
  }

  #end(): void {
    if (this.#state === "running") {
      this.#signal?.removeEventListener("abort", this.#stop);
      this.#receiver.end();
    }
    this.#state = "ended";
  }
}
