import type { Sibling } from "../../ipc/mod.ts";
import type { SpreadStrategy } from "../spread/strategy.ts";

/** With fewer sessions than this, no client is sent elsewhere. */
const MIN_SESSIONS = 4;

/** How many more sessions than a sibling a worker may have at least, for that is not worth a move. */
const MIN_EXCESS = 1;

/** The same, as a share of the sibling's. */
const EXCESS_SHARE = 0.05;

/** How much more to do a worker may have than a sibling, as a share of the sibling's. */
const LOAD_SHARE = 0.25;

/** A worker that has so many times as much to do, or so many sessions, is much busier. */
const MUCH_LOAD = 2;
const MUCH_SESSIONS = 1.5;

/** In any case, it has so many sessions more. */
const MANY_SESSIONS = 8;

/** It has to be so for this time before clients are asked to go, in milliseconds: most of it passes. */
const MUCH_BUSIER_MS = 5000;

/** A client that has not gone within this time after it was sent stays, in milliseconds. */
const FOLLOW_MS = 2000;

/** Whoever has gone is in the manager's reports after this time, in milliseconds. */
const REPORTED_MS = 1000;

/** What a client is told of the other workers when it says hello. */
export interface Directions {
  /** Their ports, least loaded first. */
  siblings?: number[];
  /** The one to use instead. */
  prefer?: number;
}

/** A client that was sent elsewhere. */
interface Move {
  readonly port: number;
  /** When it was sent, or has gone, in milliseconds. */
  readonly at: number;
}

/** Where clients would better be, and how it is there. */
interface Target {
  readonly port: number;
  /** With those that were sent there. */
  readonly sessions: number;
  /** What it has to do, as the strategy has it. */
  readonly load: number;
  /** The same of this worker. */
  readonly own: number;
}

/**
 * The other workers of this one's manager, as far as it has told.
 *
 * A client that is sent elsewhere is counted there at once, so that of many who come between two
 * reports of the manager not all are sent to the same one. That is a guess, and each ends soon: with
 * the first report after the client has gone, or when it turns out that the client stays.
 */
export class Siblings {
  readonly #strategy: SpreadStrategy | undefined;
  #known: readonly Sibling[] = [];
  #own: Sibling | undefined;
  #told = false;
  /** Since when this worker is much busier than another, in milliseconds. */
  #busierSince: number | undefined;
  /** Clients that were sent elsewhere and are still here, the first that was sent first. */
  readonly #going = new Map<object, Move>();
  /** Those that have gone since the last report. */
  readonly #gone = new Map<object, Move>();
  /** How many of both there are, by port. */
  readonly #guessed = new Map<number, number>();

  /** @param strategy What counts as load; nobody is sent anywhere without. */
  constructor(strategy: SpreadStrategy | undefined) {
    this.#strategy = strategy;
  }

  /**
   * Takes what the manager tells: the least loaded first.
   *
   * @param own What it knows of this worker, where that counts.
   */
  update(siblings: readonly Sibling[], own?: Sibling): void {
    this.#told = true;
    this.#known = siblings.map((sibling) => ({ ...sibling }));
    this.#own = own;
    for (const client of this.#gone.keys()) this.#forget(this.#gone, client);
  }

  /** Their ports, least loaded first. */
  get ports(): number[] {
    return this.#known.map(({ port }) => port);
  }

  /**
   * What to tell a client.
   *
   * @param client Whoever asks; to be named again when it has gone.
   * @param sessions How many this worker has, with the client's.
   * @param nowMs Now, on any monotonic clock.
   */
  directions(client: object, sessions: number, nowMs: number = performance.now()): Directions {
    if (!this.#told) return {};
    const siblings = this.ports;
    const target = this.#target(nowMs);
    if (target === undefined) return { siblings };
    const here = sessions - this.#going.size;
    if (!isBetter(target, here, this.#margin)) return { siblings };
    this.#note(this.#going, client, { port: target.port, at: nowMs });
    return { siblings, prefer: target.port };
  }

  /**
   * Where a client that is here already had better be: where this worker has been much busier than another
   * one for a while.
   *
   * @param sessions How many it has.
   */
  relief(sessions: number, nowMs: number = performance.now()): number | undefined {
    const target = this.#target(nowMs);
    const here = sessions - this.#going.size;
    if (target === undefined || !isMuchBetter(target, here, this.#margin)) {
      this.#busierSince = undefined;
      return undefined;
    }
    this.#busierSince ??= nowMs;
    return nowMs - this.#busierSince >= MUCH_BUSIER_MS ? target.port : undefined;
  }

  /** A client has been asked to go to a port. */
  sent(client: object, port: number, nowMs: number = performance.now()): void {
    this.#note(this.#going, client, { port, at: nowMs });
  }

  /** A client has gone: if it was to go elsewhere, it is there. */
  left(client: object, nowMs: number = performance.now()): void {
    const move = this.#forget(this.#going, client);
    if (move !== undefined) this.#note(this.#gone, client, { port: move.port, at: nowMs });
  }

  get #margin(): number {
    return this.#strategy?.margin ?? 0;
  }

  /** Of those that have about the least to do, the one with the fewest sessions. */
  #target(nowMs: number): Target | undefined {
    const strategy = this.#strategy;
    if (strategy === undefined) return undefined;
    this.#expire(this.#going, nowMs - FOLLOW_MS);
    this.#expire(this.#gone, nowMs - REPORTED_MS);
    const own = this.#own === undefined ? 0 : loadOf(strategy, this.#own);
    const others = this.#known.map((sibling) => ({
      port: sibling.port,
      sessions: sibling.sessions + (this.#guessed.get(sibling.port) ?? 0),
      load: loadOf(strategy, sibling),
      own,
    }));
    const least = Math.min(...others.map(({ load }) => load));
    return others.filter(({ load }) => load <= least + strategy.margin)
      .reduce<Target | undefined>(
        (best, one) => best === undefined || one.sessions < best.sessions ? one : best,
        undefined,
      );
  }

  #note(moves: Map<object, Move>, client: object, move: Move): void {
    this.#forget(moves, client);
    moves.set(client, move);
    this.#guessed.set(move.port, (this.#guessed.get(move.port) ?? 0) + 1);
  }

  #forget(moves: Map<object, Move>, client: object): Move | undefined {
    const move = moves.get(client);
    if (move === undefined) return undefined;
    moves.delete(client);
    const left = (this.#guessed.get(move.port) ?? 0) - 1;
    if (left > 0) this.#guessed.set(move.port, left);
    else this.#guessed.delete(move.port);
    return move;
  }

  #expire(moves: Map<object, Move>, before: number): void {
    for (const [client, { at }] of moves) {
      if (at > before) return;
      this.#forget(moves, client);
    }
  }
}

/** What is not measured counts as nothing, and so does what a strategy of one's own gets wrong. */
function loadOf(strategy: SpreadStrategy, sibling: Sibling): number {
  const load = strategy.load({ bytesPerSecond: 0, cpuPercent: 0, ...sibling });
  return load > 0 && load < Infinity ? load : 0;
}

/** Whether a client that comes had better go there. */
function isBetter({ sessions, load, own }: Target, here: number, margin: number): boolean {
  if (own > load + Math.max(margin, LOAD_SHARE * load)) return here > 1;
  if (load > own + margin || here < MIN_SESSIONS) return false;
  // As it would be after the move: else the client's next hello could send it back.
  return here > sessions + 1 + Math.max(MIN_EXCESS, sessions * EXCESS_SHARE);
}

/** Whether it is worth asking clients that are here already. */
function isMuchBetter({ sessions, load, own }: Target, here: number, margin: number): boolean {
  // Whoever is alone would take all there is to do along.
  if (own > MUCH_LOAD * (load + margin)) return here > 1;
  if (load > own + margin) return false;
  return here > MUCH_SESSIONS * sessions + MANY_SESSIONS;
}
