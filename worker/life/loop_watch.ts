import { getLogger } from "@logtape/logtape";

const logger = getLogger(["msquicd", "worker"]);

/** For how long the event loop may stand still before that is said, in milliseconds. */
const STILL_MS = 500;

/** What a watch of the event loop goes by. */
export interface LoopWatchOptions {
  /** How often {@linkcode LoopWatch.note} is called, in milliseconds. */
  readonly everyMs: number;
  /** The handlers of one's own that have had requests under way since it was last called. */
  readonly underWay: () => readonly string[];
  /** Milliseconds of a monotonic clock. */
  readonly now?: () => number;
}

/**
 * Notices that the event loop has stood still, and names the handlers that may be to blame: whichever was
 * going on then is one of those that have requests under way.
 */
export class LoopWatch {
  readonly #options: LoopWatchOptions;
  readonly #now: () => number;
  #notedAt: number;

  constructor(options: LoopWatchOptions) {
    this.#options = options;
    this.#now = options.now ?? (() => performance.now());
    this.#notedAt = this.#now();
  }

  /** To be called by a timer. */
  note(): void {
    const now = this.#now();
    const stillMs = now - this.#notedAt - this.#options.everyMs;
    this.#notedAt = now;
    const handlers = this.#options.underWay();
    if (stillMs < STILL_MS) return;
    // Without any it was something else: the machine, or a process that was stopped.
    if (handlers.length === 0) return;
    logger.warning("All clients have waited for {ms} ms, with requests under way of {handlers}", {
      ms: Math.round(stillMs),
      handlers: handlers.join(", "),
    });
  }
}
