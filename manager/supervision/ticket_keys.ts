import { TICKET_KEY_LENGTH } from "../../ffi/msquic/configuration.ts";
import type { WorkerSlot } from "./worker_slot.ts";

/** How long a key is used, in milliseconds. A ticket is good for two hours at most. */
const LIFETIME_MS = 12 * 60 * 60 * 1000;

/**
 * The key with which workers make the tickets that clients resume sessions with: the same for all, so that
 * a ticket is good at any port. It is in memory alone. MsQuic holds one at a time, so a client whose ticket
 * is of the one before has a whole handshake.
 */
export class TicketKeys implements Disposable {
  readonly #slots: () => readonly WorkerSlot[];
  readonly #timer: ReturnType<typeof setInterval>;
  #key = newKey();

  /** @param slots The workers there are at the moment. */
  constructor(slots: () => readonly WorkerSlot[], lifetimeMs: number = LIFETIME_MS) {
    this.#slots = slots;
    this.#timer = setInterval(() => this.renew(), lifetimeMs);
  }

  /** Takes another one: tickets so far are of no use any more. */
  renew(): void {
    this.#key = newKey();
    this.tell();
  }

  /** Tells those ready workers that do not know it. */
  tell(): void {
    for (const slot of this.#slots()) if (slot.state === "ready") slot.tellTicketKey(this.#key);
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
  }
}

function newKey(): string {
  return crypto.getRandomValues(new Uint8Array(TICKET_KEY_LENGTH)).toHex();
}
