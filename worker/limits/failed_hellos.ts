import { networkOf } from "./network.ts";

/** How long the first that is too many has to wait for its answer, in milliseconds; it doubles each time. */
const FIRST_WAIT_MS = 250;

/** The longest wait, in milliseconds: less than a client may take to say hello. */
const LONGEST_WAIT_MS = 4000;

/** After so long without another one, in milliseconds, nothing is held against a network any more. */
const FORGOTTEN_MS = 10 * 60 * 1000;

/** How many networks are remembered. */
const NETWORKS = 10_000;

/** How many connections of one network may wait for such an answer; more hear nothing. */
const WAITING = 16;

/** What is known of a network. */
interface Record {
  failures: number;
  waiting: number;
  lastAt: number;
}

/** What becomes of a wrong token. */
export interface Penance extends Disposable {
  /** How many there have been of its network, with this one. */
  readonly failures: number;
  /** For how long its answer is held back, in milliseconds; `undefined` if it gets none. */
  readonly waitMs: number | undefined;
  /** For how long that of the next one will be, in milliseconds. */
  readonly nextMs: number;
}

/**
 * Networks from which wrong tokens come again and again: each has to wait longer for its answer than the one
 * before. Nobody else does: a right token is let in at once, wherever it comes from, since neighbours behind
 * one router, and whoever has mistyped something, have done nothing. What is guessed at is too long to be
 * guessed; what the wait saves is the work.
 */
export class FailedHellos {
  readonly #free: number;
  readonly #now: () => number;
  /** The one of which nothing was heard for longest is the first. */
  readonly #networks = new Map<string, Record>();

  /**
   * @param free So many are anybody's mistake, or a script's that nobody has changed yet.
   * @param now A monotonic clock, in milliseconds.
   */
  constructor(free: number, now: () => number = () => performance.now()) {
    this.#free = free;
    this.#now = now;
  }

  /** How many networks are remembered. */
  get size(): number {
    return this.#networks.size;
  }

  /**
   * A client has shown a wrong token.
   *
   * @param hostname Its IP address.
   * @returns What becomes of it; to be disposed of when it has had its answer, or has gone.
   */
  note(hostname: string): Penance {
    const network = networkOf(hostname);
    const record = this.#recordOf(network);
    record.failures++;
    record.lastAt = this.#now();
    const waitMs = this.#waitOf(record.failures);
    const heard = waitMs === 0 || record.waiting < WAITING;
    let waiting = heard && waitMs > 0;
    if (waiting) record.waiting++;
    return {
      failures: record.failures,
      waitMs: heard ? waitMs : undefined,
      nextMs: this.#waitOf(record.failures + 1),
      [Symbol.dispose]() {
        if (waiting) record.waiting--;
        waiting = false;
      },
    };
  }

  /** @param failures How many there have been, with the one that waits. */
  #waitOf(failures: number): number {
    const excess = failures - this.#free;
    return excess <= 0 ? 0 : Math.min(FIRST_WAIT_MS * 2 ** (excess - 1), LONGEST_WAIT_MS);
  }

  #recordOf(network: string): Record {
    const known = this.#networks.get(network);
    this.#networks.delete(network);
    const fresh = known === undefined || this.#now() - known.lastAt > FORGOTTEN_MS;
    // Those that still wait go on doing so.
    const record = fresh ? { failures: 0, waiting: known?.waiting ?? 0, lastAt: 0 } : known;
    this.#networks.set(network, record);
    if (this.#networks.size > NETWORKS) {
      for (const oldest of this.#networks.keys()) {
        this.#networks.delete(oldest);
        break;
      }
    }
    return record;
  }
}
