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

/** Clients of one address may be many behind a router, or a single one that means no good. */
const LIMITS: LobbyLimits = { guests: 1000, perNetwork: 500 };

/**
 * Clients that are connected and have not said hello. When there are too many, the one that has waited
 * for longest has to go, of its own network if that has its share: a client of good will says hello
 * within a round trip, and is through before a flood can reach it.
 */
export class Lobby {
  readonly #limits: LobbyLimits;
  /** The first that came is the first. */
  readonly #guests = new Set<Guest>();
  readonly #networks = new Map<string, Set<Guest>>();

  constructor(limits: LobbyLimits = LIMITS) {
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
    else if (this.#guests.size >= guests) this.#sendOff(this.#guests);
    this.#guests.add(guest);
    this.#networks.set(network, neighbours.add(guest));
  }

  /** One has said hello, or has gone. */
  leave(guest: Guest): void {
    if (!this.#guests.delete(guest)) return;
    const network = networkOf(guest.hostname);
    const neighbours = this.#networks.get(network);
    neighbours?.delete(guest);
    if (neighbours?.size === 0) this.#networks.delete(network);
  }

  #sendOff(guests: ReadonlySet<Guest>): void {
    for (const first of guests) {
      this.leave(first);
      return first.sendOff();
    }
  }
}

/** What one person easily has many addresses of: with IPv6, 64 bits are theirs to choose. */
function networkOf(hostname: string): string {
  if (!hostname.includes(":") || hostname.includes(".")) return hostname;
  const [head = "", tail] = hostname.split("::");
  const groups = head === "" ? [] : head.split(":");
  if (tail === undefined) return groups.slice(0, 4).join(":");
  const rest = tail === "" ? [] : tail.split(":");
  const zeros = Array.from({ length: 8 - groups.length - rest.length }, () => "0");
  return [...groups, ...zeros, ...rest].slice(0, 4).join(":");
}
