import type { Damper } from "./damper.ts";
import type { EventQueue } from "./event_queue.ts";
import { nextTurn } from "./next_turn.ts";
import { TurnTimes } from "./turn_times.ts";

/** The most looks at the queue before the loop parks: about 100 µs. */
const MAX_SPINS = 400;
/** The most polls before everything else in the process gets its turn: in each, one connection is served. */
const POLLS_PER_TURN = 32;
/** A wait that ended within this many milliseconds would better have been spent spinning. */
const SHORT_WAIT_MS = 0.6;

/**
 * Drives MsQuic from this thread ("custom execution"): polls it, runs the completions of its event
 * queue, and parks on another thread when there is nothing to do.
 *
 * Before it parks, the loop spins for a moment: answers on a busy connection arrive within
 * microseconds, a wake-up from another thread takes tens of them. It spins only while waits turn out
 * to be short, so that an idle process costs no measurable CPU; and only once there is nothing left
 * for JavaScript to do, which it would keep waiting.
 */
export class EventLoop {
  readonly #queue: EventQueue;
  readonly #poll: () => number;
  readonly #damper: Damper;
  readonly #afterTurn: (quiet: boolean) => boolean;
  /** How long turns took, without the sleep between them. */
  readonly turnTimes = new TurnTimes();
  #spins = 0;
  /** What ends the run that was started last; `undefined` when that is to end, or has. */
  #run: Run | undefined;
  /** When the run that was started last, and all before it, have ended. */
  #ended: Promise<void> | undefined;
  #parked = false;
  #endRest: (() => void) | undefined;
  #turned: PromiseWithResolvers<void> | undefined;
  #flushQueued = false;
  #turns = 0;

  /**
   * @param poll MsQuic's `ExecutionPoll`: it returns the milliseconds until its next timer.
   * @param damper Says when to look at the network a little later.
   * @param afterTurn Is called after each turn's polls, and with `quiet` before the loop parks; returns whether
   * it has called MsQuic.
   */
  constructor(
    queue: EventQueue,
    poll: () => number,
    damper: Damper,
    afterTurn: (quiet: boolean) => boolean = () => false,
  ) {
    this.#queue = queue;
    this.#poll = poll;
    this.#damper = damper;
    this.#afterTurn = afterTurn;
  }

  /** How many times the loop has polled MsQuic: grows as long as the loop is alive. */
  get turns(): number {
    return this.#turns;
  }

  /**
   * Starts the loop, or starts it again: after the end of a run that was told to stop and is still
   * parked, since two would take each other's completions.
   */
  start(): void {
    if (this.#run !== undefined) return;
    const run = this.#run = { stopped: false };
    const before = this.#ended;
    const begin = () => this.#turn(run);
    this.#ended = before === undefined ? begin() : before.then(begin, begin);
  }

  /**
   * Lets MsQuic see at once what was just called.
   *
   * While the loop runs, its next turn does that. While it is parked, one more poll is made at the
   * end of this turn of JavaScript, for all that was called in it.
   */
  flush(): void {
    this.stir();
    if (!this.#parked || this.#flushQueued) return;
    this.#flushQueued = true;
    queueMicrotask(() => {
      this.#flushQueued = false;
      if (this.#parked) this.#pollOnce();
    });
  }

  /** MsQuic has told something, or was told. */
  stir(): void {
    this.#damper.stir();
    this.#endRest?.();
  }

  /** Makes the loop turn once, even if there is nothing to do: whether it still can shows in `turns`. */
  nudge(): void {
    if (this.#parked) this.#queue.wake();
  }

  /** Resolves when the loop has turned once more, and so has run the completions that are there now. */
  turned(): Promise<void> {
    if (this.#run === undefined) return Promise.resolve();
    this.nudge();
    return (this.#turned ??= Promise.withResolvers()).promise;
  }

  /** Ends the loop; resolves when nothing runs any more of what was started before. */
  async stop(): Promise<void> {
    if (this.#run !== undefined) this.#run.stopped = true;
    this.#run = undefined;
    if (this.#parked) this.#queue.wake();
    await this.#ended;
  }

  async #turn(run: Run): Promise<void> {
    let settled = false;
    let start = performance.now();
    while (!run.stopped) {
      const { timeoutMs, ...served } = this.#serve();
      const busy = this.#afterTurn(false) || served.busy;
      this.#tellTurned();
      const restMs = served.busy ? this.#damper.restMs() : 0;
      if (restMs > 0) {
        settled = false;
        await this.#rest(restMs);
        start = performance.now();
      } else if (busy || !settled || this.#spin() || this.#afterTurn(true)) {
        // What the last events have set off may call MsQuic again: only then is there quiet.
        settled = !busy && !settled;
        await nextTurn();
        const now = performance.now();
        this.turnTimes.record(now - start);
        start = now;
      } else {
        settled = false;
        await this.#park(timeoutMs);
        start = performance.now();
      }
    }
    this.#serve(); // what was called last, such as the closing of a handle
    this.#tellTurned();
  }

  #tellTurned(): void {
    this.#turned?.resolve();
    this.#turned = undefined;
  }

  /**
   * Polls as long as connections have something to do or the network brings something, up to a limit, since a
   * turn has its price: a poll serves one connection, and asks to be called again while there are more.
   */
  #serve(): { busy: boolean; timeoutMs: number } {
    for (let polls = 1;; polls++) {
      const timeoutMs = this.#pollOnce();
      const came = this.#queue.drain() > 0;
      if ((came || timeoutMs === 0) && polls < POLLS_PER_TURN) continue;
      return { busy: came || polls > 1 || timeoutMs === 0, timeoutMs };
    }
  }

  #pollOnce(): number {
    this.#turns = (this.#turns + 1) >>> 0;
    return this.#poll();
  }

  /** Looks at the queue for a short while; tells whether something came. */
  #spin(): boolean {
    for (let i = 0; i < this.#spins; i++) {
      if (this.#queue.drain() > 0) return true;
    }
    return false;
  }

  /** Lets what comes wait, until something is called. */
  async #rest(ms: number): Promise<void> {
    this.#parked = true;
    const { promise, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(resolve, ms);
    this.#endRest = resolve;
    await promise;
    clearTimeout(timer);
    this.#endRest = undefined;
    this.#parked = false;
  }

  async #park(timeoutMs: number): Promise<void> {
    this.#parked = true;
    const start = performance.now();
    try {
      const came = await this.#queue.wait(timeoutMs) > 0;
      const short = came && performance.now() - start < SHORT_WAIT_MS;
      this.#spins = short ? Math.min(2 * this.#spins + 64, MAX_SPINS) : this.#spins >> 1;
    } finally {
      this.#parked = false;
    }
  }
}

/** From a start of the loop to its stop. */
interface Run {
  stopped: boolean;
}
