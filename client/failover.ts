import type { Address } from "../ffi/mod.ts";

/** The wait after the first round of attempts, in milliseconds; it doubles with every round. */
const FIRST_WAIT_MS = 50;

/** The longest wait between two rounds, in milliseconds. */
const LONGEST_WAIT_MS = 3000;

/** How long an attempt may take at least, in milliseconds. */
export const SHORTEST_ATTEMPT_MS = 2000;

/** How many round trips it may take: two or three are needed, and each that loses a packet costs two more. */
const ATTEMPT_ROUND_TRIPS = 10;

/** Every so many rounds, an attempt may take as long as a first one. */
const LONG_ROUND = 4;

/**
 * Which servers a client may go to, and in what order it tries them.
 *
 * It knows the servers that its user has named and those that the last server has told of, which are
 * other ports of that host. What a server says is fresher than what the user does, so it comes first;
 * the server that the client has just left, or lost, comes last: its successor may use the same port.
 */
export class Route {
  readonly #named: readonly Address[];
  #told: readonly Address[] = [];
  #left: Address | undefined;

  /** @param named The servers that the user has named: one at least. */
  constructor(named: readonly Address[]) {
    this.#named = named;
  }

  /** The client is connected to a server, which may have told of others: a new one may not know yet. */
  arrived(at: Address, siblings?: readonly number[]): void {
    if (siblings !== undefined) this.#told = onHostOf(at, siblings);
    this.#left = undefined;
  }

  /** The server has told the client to go to others. */
  sentAway(from: Address, successors: readonly number[]): void {
    this.#told = onHostOf(from, successors);
    this.#left = from;
  }

  /**
   * The connection to a server is lost.
   *
   * @param chance From 0 to below 1: with which of the others to begin, so that not all clients of a
   * server that died go to the same one.
   */
  lost(from: Address, chance: number): void {
    const begin = Math.floor(chance * this.#told.length);
    this.#told = [...this.#told.slice(begin), ...this.#told.slice(0, begin)];
    this.#left = from;
  }

  /** Servers other than the one that the client is leaving, in the order in which to try them. */
  get alternatives(): Address[] {
    return distinct([...this.#told, ...this.#named]).filter((server) => !same(server, this.#left));
  }

  /** Servers other than this one: those that the user has named, then those that it has told of. */
  others(than: Address, siblings: readonly number[]): Address[] {
    return distinct([...this.#named, ...onHostOf(than, siblings)])
      .filter((server) => !same(server, than));
  }

  /** All servers, in the order in which to try them. */
  get candidates(): Address[] {
    return this.#left === undefined ? this.alternatives : [...this.alternatives, this.#left];
  }
}

/**
 * How long to wait before the next round of attempts, in milliseconds.
 *
 * @param round How many rounds have failed before the last one.
 * @param chance From 0 to below 1: makes clients that lost the same server come at different times.
 */
export function waitBetweenRounds(round: number, chance: number): number {
  const longest = Math.min(FIRST_WAIT_MS * 2 ** round, LONGEST_WAIT_MS);
  return longest * (0.5 + chance / 2);
}

/**
 * How long one server may take to answer while others wait to be tried, in milliseconds.
 *
 * @param round How many rounds have failed.
 * @param roundTripMs Of the last connection; the path may still be as long.
 * @param mostMs How long an attempt may take at most.
 */
export function attemptLimit(round: number, roundTripMs: number, mostMs: number): number {
  // The path may have become another one, which takes longer.
  if (round % LONG_ROUND === LONG_ROUND - 1) return mostMs;
  return Math.min(mostMs, Math.max(SHORTEST_ATTEMPT_MS, ATTEMPT_ROUND_TRIPS * roundTripMs));
}

function onHostOf({ hostname }: Address, ports: readonly number[]): Address[] {
  return ports.map((port) => ({ hostname, port }));
}

function distinct(servers: readonly Address[]): Address[] {
  return servers.filter((server, index) =>
    servers.findIndex((other) => same(other, server)) === index
  );
}

function same(a: Address, b: Address | undefined): boolean {
  return a.hostname === b?.hostname && a.port === b.port;
}
