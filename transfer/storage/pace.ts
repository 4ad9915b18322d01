import { nextTurn } from "../../ffi/msquic/events/next_turn.ts";

/** How long to work without a break, in milliseconds: everybody else waits for as long. */
const SLICE_MS = 2;

/**
 * The pace of work that takes long on the thread that runs everything else: slice by slice, and only for as
 * long as it is wanted.
 */
export class Pace {
  readonly #signal: AbortSignal | undefined;
  #since = performance.now();

  constructor(signal?: AbortSignal) {
    this.#signal = signal;
  }

  /** Whether it is time for {@linkcode rest}. */
  get due(): boolean {
    return performance.now() - this.#since > SLICE_MS;
  }

  /**
   * Lets others run.
   *
   * @throws The signal's reason when it is no longer wanted.
   */
  async rest(): Promise<void> {
    await nextTurn();
    this.resume();
  }

  /**
   * Goes on after others have run.
   *
   * @throws The signal's reason when it is no longer wanted.
   */
  resume(): void {
    this.#signal?.throwIfAborted();
    this.#since = performance.now();
  }
}
