import type { EventQueue } from "./event_queue.ts";
import { MacrotaskYield } from "./macrotask_yield.ts";

/** Looks at the queue before the loop parks, when spinning has not paid off. */
const MIN_SPINS = 4;
/** The most looks at the queue before it parks: about 50 µs, less than parking and waking cost. */
const MAX_SPINS = 200;

/**
 * Drives MsQuic from this thread ("custom execution"): polls it, runs the completions of its event
 * queue, and parks on another thread when there is nothing to do.
 *
 * Before it parks, the loop spins for a moment: answers on a busy connection arrive within
 * microseconds, a wake-up from another thread takes tens of them. How long it spins adapts to how
 * often spinning paid off, so that an idle process costs no measurable CPU.
 */
export class EventLoop {
  readonly #queue: EventQueue;
  readonly #poll: () => number;
  #spins = MIN_SPINS;
  #running = false;
  #parked = false;
  #flushQueued = false;
  #turns = 0;
  #done: Promise<void> | undefined;

  /** `poll` is MsQuic's `ExecutionPoll`: it returns the milliseconds until its next timer. */
  constructor(queue: EventQueue, poll: () => number) {
    this.#queue = queue;
    this.#poll = poll;
  }

  /** How many times the loop has polled MsQuic: grows as long as the loop is alive. */
  get turns(): number {
    return this.#turns;
  }

  /** Starts the loop, or starts it again. */
  start(): void {
    if (this.#running) return;
    this.#running = true;
    this.#done = this.#run();
  }

  /**
   * Lets MsQuic see at once what was just called.
   *
   * While the loop runs, its next turn does that. While it is parked, one more poll is made at the
   * end of this turn of JavaScript, for all that was called in it.
   */
  flush(): void {
    if (!this.#parked || this.#flushQueued) return;
    this.#flushQueued = true;
    queueMicrotask(() => {
      this.#flushQueued = false;
      if (this.#parked) this.#pollOnce();
    });
  }

  /** Ends the loop; resolves when nothing of it runs any more. */
  async stop(): Promise<void> {
    this.#running = false;
    if (this.#parked) this.#queue.wake();
    await this.#done;
  }

  async #run(): Promise<void> {
    using macrotask = new MacrotaskYield();
    while (this.#running) {
      const timeoutMs = this.#pollOnce();
      if (this.#queue.drain() > 0 || timeoutMs === 0 || this.#spin()) await macrotask.next();
      else await this.#park(timeoutMs);
    }
  }

  #pollOnce(): number {
    this.#turns = (this.#turns + 1) >>> 0;
    return this.#poll();
  }

  /** Looks at the queue for a short while; tells whether something came. */
  #spin(): boolean {
    for (let i = 0; i < this.#spins; i++) {
      if (this.#queue.drain() > 0) {
        this.#spins = Math.min(this.#spins * 2, MAX_SPINS);
        return true;
      }
    }
    this.#spins = Math.max(this.#spins >> 1, MIN_SPINS);
    return false;
  }

  async #park(timeoutMs: number): Promise<void> {
    this.#parked = true;
    try {
      await this.#queue.wait(timeoutMs);
    } finally {
      this.#parked = false;
    }
  }
}
