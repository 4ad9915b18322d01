import { networkOf } from "../limits/network.ts";

/** Whoever waits in a {@linkcode Lobby}. */
export interface Guest {
  /** Its IP address. */
  readonly hostname: string;
  /** Somebody else needs the place. */
  sendOff(): void;
}

/** How many may be in a {@linkcode Lobby}. */
export interface LobbyLimits {
  /** At once. */
  readonly guests: number;
  /** Of one network: an IPv4 address, or the first 64 bits of an IPv6 address. */
  readonly perNetwork: number;
}

/**
 * Clients that are connected and have not said hello. When there are too many, the one that has waited
 * for longest has to go, of its own network if that has its share: a client of good will says hello
 * within a round trip, and is through before a flood can reach it.
 */
export class Lobby {
  readonly #limits: LobbyLimits;
  /** The first that came is the first; with the network that each has come from, as it may move. */
  readonly #guests = new Map<Guest, string>();
  readonly #networks = new Map<string, Set<Guest>>();

  constructor(limits: LobbyLimits) {
    this.#limits = limits;
  }

  /** How many are in it. */
  get size(): number {
    return this.#guests.size;
  }

  /** Lets one in, and sends another one off where there is no room. */
  enter(guest: Guest): void {
    const network = networkOf(guest.hostname);
    const { guests, perNetwork } = this.#limits;
    const neighbours = this.#networks.get(network) ?? new Set();
    if (neighbours.size >= perNetwork) this.#sendOff(neighbours);
    else if (this.#guests.size >= guests) this.#sendOff(this.#guests.keys());
    this.#guests.set(guest, network);
    this.#networks.set(network, neighbours.add(guest));
  }

  /** One has said hello, or has gone. */
  leave(guest: Guest): void {
    const network = this.#guests.get(guest);
    if (network === undefined) return;
    this.#guests.delete(guest);
    const neighbours = this.#networks.get(network);
    neighbours?.delete(guest);
    if (neighbours?.size === 0) this.#networks.delete(network);
  }

  #sendOff(guests: Iterable<Guest>): void {
    for (const first of guests) {
      this.leave(first);
      return first.sendOff();
    }
  }
}
