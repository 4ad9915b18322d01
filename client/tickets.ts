import type { SessionTicket, TicketStore } from "../ffi/mod.ts";

/**
 * The tickets of one client, for as long as it lives: the last one of each host, whose servers all take it.
 * It stays when it is used, since the attempt may fail; a connection that succeeds brings another one.
 */
export class Tickets implements TicketStore {
  readonly #tickets = new Map<string, SessionTicket>();

  find(serverName: string): SessionTicket | undefined {
    return this.#tickets.get(serverName);
  }

  keep(serverName: string, ticket: SessionTicket): void {
    this.#tickets.set(serverName, ticket);
  }
}
