import type { Sibling } from "../../ipc/mod.ts";

/** With fewer sessions than this, no client is sent elsewhere. */
const MIN_SESSIONS = 4;

/** How many more sessions than a sibling a worker may have at least, for that is not worth a move. */
const MIN_EXCESS = 2;

/** The same, as a share of the sibling's. */
const EXCESS_SHARE = 0.1;

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

/**
 * The other workers of this one's manager, as far as it has told.
 *
 * A client that is sent elsewhere is counted there at once, so that of many who come between two
 * reports of the manager not all are sent to the same one. That is a guess, and each ends soon: with
 * the first report after the client has gone, or when it turns out that the client stays.
 */
export class Siblings {
  #known: readonly Sibling[] = [];
  #told = false;
  /** Clients that were sent elsewhere and are still here, the first that was sent first. */
  readonly #going = new Map<object, Move>();
  /** Those that have gone since the last report. */
  readonly #gone = new Map<object, Move>();
  /** How many of both there are, by port. */
  readonly #guessed = new Map<number, number>();

  /** Takes what the manager tells: the least loaded first. */
  update(siblings: readonly Sibling[]): void {
    this.#told = true;
    this.#known = siblings.map((sibling) => ({ ...sibling }));
    for (const client of this.#gone.keys()) this.#forget(this.#gone, client);
  }

  /** Their ports, least loaded first. */
  get ports(): number[] {
    return this.#known.map(({ port }) => port);
  }

  /**
   * What to tell a client.
   *
   * @param client Whoever asks; to be named again when it stays, or has gone.
   * @param sessions How many this worker has, with the client's.
   * @param nowMs Now, on any monotonic clock.
   */
  directions(client: object, sessions: number, nowMs: number = performance.now()): Directions {
    if (!this.#told) return {};
    this.#expire(this.#going, nowMs - FOLLOW_MS);
    this.#expire(this.#gone, nowMs - REPORTED_MS);
    const siblings = this.ports;
    const emptiest = this.#emptiest();
    if (emptiest === undefined) return { siblings };
    const here = sessions - this.#going.size;
    const { port, sessions: there } = emptiest;
    // As it would be after the move: else the client's next hello could send it back.
    const enough = there + 1 + Math.max(MIN_EXCESS, there * EXCESS_SHARE);
    if (here < MIN_SESSIONS || here <= enough) return { siblings };
    this.#note(this.#going, client, { port, at: nowMs });
    return { siblings, prefer: port };
  }

  /** A client has asked for something: if it was to go elsewhere, it does not. */
  stays(client: object): void {
    this.#forget(this.#going, client);
  }

  /** A client has gone: if it was to go elsewhere, it is there. */
  left(client: object, nowMs: number = performance.now()): void {
    const move = this.#forget(this.#going, client);
    if (move !== undefined) this.#note(this.#gone, client, { port: move.port, at: nowMs });
  }

  #emptiest(): { port: number; sessions: number } | undefined {
    let emptiest: { port: number; sessions: number } | undefined;
    for (const { port, sessions } of this.#known) {
      const expected = sessions + (this.#guessed.get(port) ?? 0);
      if (emptiest === undefined || expected < emptiest.sessions) {
        emptiest = { port, sessions: expected };
      }
    }
    return emptiest;
  }

  #note(moves: Map<object, Move>, client: object, move: Move): void {
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
