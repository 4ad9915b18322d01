import type { WorkerFailure } from "./worker_failure.ts";

/** How long each part of a worker's life may take without a sign of it, in milliseconds. */
export interface LifeDeadlines {
  /** Until its process is up and has opened its shared memory. */
  readonly startMs: number;
  /** From then on, until it listens. */
  readonly readyMs: number;
  /** From then on, between two signs of life. */
  readonly stallMs: number;
}

/** What can be seen of a worker. */
export interface SignsOfLife {
  /** It has opened its shared memory. */
  readonly opened: boolean;
  /** It has said that it listens. */
  readonly ready: boolean;
  /** How long ago its JavaScript was last seen to run. */
  readonly loopAgeMs: number;
  /** How long ago its network loop was last seen to turn. */
  readonly pollAgeMs: number;
  /** The message type that it served last by a handler of the operator's own; 0 for none. */
  readonly lastOwnType?: number;
}

/**
 * The most time that one look holds against a worker. Looks are more frequent than that; if one is
 * late, it is this process that did not run, or the whole machine.
 */
const MAX_STEP_MS = 500;

/**
 * Tells when a worker has been without a sign of life for too long, be it on its way up or later on.
 *
 * Only time in which this process itself was running counts: one that was stopped, or slept with its
 * machine, finds every worker silent and every deadline passed when it goes on.
 */
export class LifeWatch {
  readonly #deadlines: LifeDeadlines;
  #lookedAt: number;
  #stage: "starting" | "getting-ready" | "live" = "starting";
  #stageMs = 0;
  #loopMs = 0;
  #pollMs = 0;

  /** @param nowMs Now, on any monotonic clock. */
  constructor(deadlines: LifeDeadlines, nowMs: number) {
    this.#deadlines = deadlines;
    this.#lookedAt = nowMs;
  }

  /**
   * Looks at the worker; to be called a few times a second.
   *
   * @returns What it has to be ended for; `undefined` if all is well.
   */
  look(nowMs: number, signs: SignsOfLife): WorkerFailure | undefined {
    const passedMs = Math.min(nowMs - this.#lookedAt, MAX_STEP_MS);
    this.#lookedAt = nowMs;
    const { opened, ready, loopAgeMs, pollAgeMs } = signs;
    const stage = ready ? "live" : opened ? "getting-ready" : "starting";
    if (stage !== this.#stage) {
      this.#stage = stage;
      this.#stageMs = this.#loopMs = this.#pollMs = 0;
      return undefined;
    }
    this.#stageMs += passedMs;
    // What has given a sign since the last look is young, whatever has been counted.
    this.#loopMs = Math.min(loopAgeMs, this.#loopMs + passedMs);
    this.#pollMs = Math.min(pollAgeMs, this.#pollMs + passedMs);
    return this.#judge(signs.lastOwnType ?? 0);
  }

  #judge(lastOwnType: number): WorkerFailure | undefined {
    const { startMs, readyMs, stallMs } = this.#deadlines;
    switch (this.#stage) {
      case "starting":
        if (this.#stageMs < startMs) return undefined;
        return { code: "start-timeout", message: `Not started within ${seconds(startMs)}; killed` };
      case "getting-ready":
        if (this.#stageMs < readyMs) return undefined;
        return { code: "ready-timeout", message: `Not ready within ${seconds(readyMs)}; killed` };
      case "live":
        if (this.#loopMs >= stallMs) return stalled("Event loop", this.#loopMs, lastOwnType);
        // Where no JavaScript runs, the network stands still as well, and is not what is to blame.
        if (this.#loopMs >= MAX_STEP_MS) return undefined;
        if (this.#pollMs >= stallMs) return stalled("Network loop", this.#pollMs, lastOwnType);
        return undefined;
    }
  }
}

/** A handler that never lets go is the first to look at. */
function stalled(what: string, ms: number, lastOwnType: number): WorkerFailure {
  const after = lastOwnType === 0 ? "" : ` after a request of type ${lastOwnType}`;
  return { code: "worker-stalled", message: `${what} stalled for ${seconds(ms)}${after}; killed` };
}

function seconds(ms: number): string {
  return `${Math.round(ms / 100) / 10} s`;
}
