import type { SessionInfo, TransferDetails } from "../../handlers/messages/mod.ts";
import { ProtocolError, WIRE_ERRORS } from "../../protocol/mod.ts";
import { Rate } from "./rate.ts";

/** Bytes of the id of what has none of its own: six tell as many apart as there can be. */
const ID_BYTES = 6;

/** Of how many digits ids are. */
export const TRANSFER_ID_LENGTH = 2 * ID_BYTES;

/** What a transfer is made of. */
export interface TransferParts {
  /** Greater than those of all transfers before it. */
  readonly serial: number;
  /** The client's. */
  readonly session: SessionInfo;
  /** The name of the request: `file.put`. */
  readonly request: string;
  readonly name: string | undefined;
  readonly details: TransferDetails;
  /** Ends the request, where the details do not say how. */
  readonly end: () => void;
}

/** A file on its way, as long as a handler is at it. */
export class Transfer {
  readonly #parts: TransferParts;
  /** Only there when something has come: most are over by then. */
  #rate: Rate | undefined;
  /** When it began, in milliseconds since 1970. */
  readonly since: number = Date.now();
  #id: string | undefined;
  #offset: number;
  #cancellable = true;

  constructor(parts: TransferParts) {
    this.#parts = parts;
    this.#offset = this.start;
  }

  get serial(): number {
    return this.#parts.serial;
  }

  get session(): SessionInfo {
    return this.#parts.session;
  }

  get request(): string {
    return this.#parts.request;
  }

  get name(): string | undefined {
    return this.#parts.name;
  }

  /** `up` is to the server; `undefined` where the handler has not said. */
  get direction(): "up" | "down" | undefined {
    return this.#parts.details.direction;
  }

  /** Of the whole file, in bytes. */
  get size(): number | undefined {
    return this.#parts.details.size;
  }

  /** Where it has gone on from, in bytes. */
  get start(): number {
    return this.#parts.details.start ?? 0;
  }

  /** Twelve hexadecimal digits: those of the upload, which stay the same while it goes on, or made up. */
  get id(): string {
    return this.#id ??= this.#parts.details.id?.().slice(0, TRANSFER_ID_LENGTH) ??
      crypto.getRandomValues(new Uint8Array(ID_BYTES)).toHex();
  }

  /** How far it is in the file, in bytes. */
  get offset(): number {
    return this.#offset;
  }

  /** Bytes per second, over the last seconds. */
  get rate(): number {
    return this.#rate?.perSecond(performance.now()) ?? 0;
  }

  progress(offset: number): void {
    const now = performance.now();
    this.#offset = offset;
    this.#rate ??= new Rate(this.start, now - (Date.now() - this.since));
    this.#rate.note(offset, now);
  }

  settle(): void {
    this.#cancellable = false;
  }

  /**
   * Ends it.
   *
   * @param message What the operator has to say of it.
   * @returns Whether it could still be ended.
   */
  cancel(message: string | undefined): boolean {
    if (!this.#cancellable) return false;
    this.#cancellable = false;
    const { details, end } = this.#parts;
    if (details.cancel === undefined) end();
    else details.cancel(cancelled(message));
    return true;
  }
}

function cancelled(message: string | undefined): ProtocolError {
  const said = WIRE_ERRORS["transfer-cancelled"];
  return new ProtocolError(
    "transfer-cancelled",
    message === undefined ? said : `${said}: ${message}`,
  );
}
