import { delay } from "../base/mod.ts";
import { SHORTEST_ATTEMPT_MS, waitBetweenRounds } from "./failover.ts";

/** After how long a search is told of, in milliseconds: most find another server sooner. */
const NOTICE_AFTER_MS = 1000;

/** How long the first round may take, however little patience there is, in milliseconds. */
const FIRST_ROUND_MS = 10_000;

/** What took so much longer than it may, in milliseconds, took it because this machine slept. */
const SLACK_MS = 300;

/** What becomes of a client's connection. */
export type ConnectionNotice =
  /** There is none, and the client looks for a server; told once for each time. */
  | {
    readonly state: "searching";
    /** Why, in words. */
    readonly reason: string;
    /** For how long it looks, in milliseconds. */
    readonly retryForMs: number;
  }
  /** There is one again: follows `searching`. */
  | {
    readonly state: "connected";
    /** The server, as `HOST:PORT`. */
    readonly server: string;
    /** How long there was none, in milliseconds. */
    readonly ms: number;
  };

/** Is told of the connection. */
export type OnConnection = (notice: ConnectionNotice) => void;

/** How patient a search is. */
export interface PatienceOptions {
  /** How long to go on looking, in milliseconds; with 0, all servers are tried once. */
  retryForMs: number;
  onConnection?: OnConnection | undefined;
}

/**
 * How long one search for a server goes on, and who is told of it. It goes on for as long as something is
 * left of the old connection. Time for which this process was stopped, or this machine slept, does not
 * count.
 */
export class Patience implements Disposable {
  readonly #retryForMs: number;
  readonly #onConnection: OnConnection | undefined;
  #notice: ReturnType<typeof setTimeout> | undefined;
  #begunAt: number | undefined;
  #spentMs = 0;
  #told = false;

  constructor({ retryForMs, onConnection }: PatienceOptions) {
    this.#retryForMs = retryForMs;
    this.#onConnection = onConnection;
  }

  /**
   * From now on, nothing is left; does nothing if that is known.
   *
   * @param reason Says why, in words, when that is told.
   */
  begin(reason: () => string): void {
    if (this.#begunAt !== undefined) return;
    this.#begunAt = performance.now();
    if (this.#retryForMs === 0) return;
    this.#notice = setTimeout(() => {
      this.#told = true;
      const retryForMs = this.#retryForMs;
      this.#onConnection?.({ state: "searching", reason: reason(), retryForMs });
    }, NOTICE_AFTER_MS);
  }

  /** For how long there has been nothing, in milliseconds. */
  get spentMs(): number {
    return this.#spentMs;
  }

  /** Whether that was long enough to give up after a round. */
  get over(): boolean {
    return this.#begunAt !== undefined && this.#spentMs >= this.#retryForMs;
  }

  /** Whether it was too long even to end this round. */
  endsRound(round: number): boolean {
    return this.over && (round > 0 || this.#spentMs >= FIRST_ROUND_MS);
  }

  /** How long the next attempt may take, of `limitMs`. */
  limit(limitMs: number): number {
    if (this.#begunAt === undefined) return limitMs;
    return Math.min(limitMs, Math.max(this.#retryForMs - this.#spentMs, SHORTEST_ATTEMPT_MS));
  }

  /** Counts how long a step takes that may take `limitMs`. */
  async spend<Result>(limitMs: number, step: Promise<Result>): Promise<Result> {
    const begun = performance.now();
    try {
      return await step;
    } finally {
      if (this.#begunAt !== undefined) {
        this.#spentMs += Math.min(performance.now() - begun, limitMs + SLACK_MS);
      }
    }
  }

  /**
   * Waits before the next round.
   *
   * @param askedMs How long servers want to be left alone, in milliseconds.
   * @throws What `signal` was aborted with.
   */
  async wait(round: number, signal?: AbortSignal, askedMs = 0): Promise<void> {
    const chance = Math.random();
    // Not all who were told the same come at the same time; and nobody waits for longer than it would look.
    const leftMs = Math.max(0, this.#retryForMs - this.#spentMs);
    const asked = Math.min(askedMs * (1 + chance / 4), leftMs);
    const ms = Math.max(waitBetweenRounds(round, chance), asked);
    await this.spend(ms, delay(ms, signal));
  }

  /** There is a server, `HOST:PORT`. */
  found(server: string): void {
    clearTimeout(this.#notice);
    if (!this.#told || this.#begunAt === undefined) return;
    this.#onConnection?.({ state: "connected", server, ms: performance.now() - this.#begunAt });
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#notice);
  }
}
