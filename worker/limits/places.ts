import { counted } from "../../base/counted.ts";
import { ProtocolError, WIRE_ERRORS } from "../../protocol/mod.ts";
import { networkOf } from "./network.ts";

/** After which time a client that finds no place may try again, in milliseconds. */
export const RETRY_AFTER_MS = 2000;

/** How many clients there may be that have said hello. */
export interface PlaceLimits {
  /** At once. */
  readonly connections: number;
  /** Of one network: an IPv4 address, or the first 64 bits of an IPv6 address. */
  readonly connectionsPerAddress: number;
}

/** The clients that have said hello: bounded in all, and of each network. */
export class Places {
  readonly #limits: PlaceLimits;
  /** Where each has come from: it may move. */
  readonly #clients = new Map<object, string>();
  /** How many there are of each network. */
  readonly #networks = new Map<string, number>();

  constructor(limits: PlaceLimits) {
    this.#limits = limits;
  }

  /** How many there are. */
  get size(): number {
    return this.#clients.size;
  }

  /** Whether there is no room for anybody. */
  get full(): boolean {
    return this.#clients.size >= this.#limits.connections;
  }

  /**
   * Takes a place for a client.
   *
   * @param hostname Its IP address.
   * @throws {ProtocolError} `server-full`, or `limit-reached` where its network has its share.
   */
  enter(client: object, hostname: string): void {
    if (this.full) {
      throw new ProtocolError("server-full", WIRE_ERRORS["server-full"], {
        retryAfterMs: RETRY_AFTER_MS,
      });
    }
    const network = networkOf(hostname);
    const neighbours = this.#networks.get(network) ?? 0;
    if (neighbours >= this.#limits.connectionsPerAddress) {
      throw new ProtocolError(
        "limit-reached",
        `Server serves ${
          counted(neighbours, "client")
        } of this address already, which is as many as it may; ` +
          "try again when some have gone",
        { retryAfterMs: RETRY_AFTER_MS },
      );
    }
    this.#clients.set(client, network);
    this.#networks.set(network, neighbours + 1);
  }

  /** A client has gone, if it had a place. */
  leave(client: object): void {
    const network = this.#clients.get(client);
    if (network === undefined) return;
    this.#clients.delete(client);
    const left = (this.#networks.get(network) ?? 1) - 1;
    if (left > 0) this.#networks.set(network, left);
    else this.#networks.delete(network);
  }
}
