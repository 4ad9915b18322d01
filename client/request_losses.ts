import type { ConnectionEnd } from "../ffi/mod.ts";
import { ApplicationError, RemoteError } from "../protocol/mod.ts";

/** How often a request is begun again that its server refused, or did not say that it would leave. */
const MAX_LOSSES = 10;

/** How many servers may die one after the other while a request is under way and does not advance. */
const MAX_DEATHS = 3;

/** No server is asked again sooner than after this time, in milliseconds, whatever it says. */
const LEAST_WAIT_MS = 5;

/** How often one request was lost with its connection since it last advanced, and what of. */
export class RequestLosses {
  readonly #retryForMs: number;
  #losses = 0;
  #deaths = 0;
  #silences = 0;
  /** When the network was first gone. */
  #silentSince: number | undefined;
  /** How long it has waited since servers had asked for that, in milliseconds. */
  #waitedMs = 0;

  /**
   * @param retryForMs How long the network alone, or a server that takes no more requests at the moment, may
   * keep a request from advancing, in milliseconds.
   */
  constructor(retryForMs: number) {
    this.#retryForMs = retryForMs;
  }

  /** How many servers have died of it, or so it seems. */
  get deaths(): number {
    return this.#deaths;
  }

  /** Whether it may be what ends servers. */
  get deadly(): boolean {
    return this.#deaths > MAX_DEATHS;
  }

  /** The request has come further: nothing is held against it. */
  advanced(): void {
    this.#losses = 0;
    this.#deaths = 0;
    this.#silences = 0;
    this.#silentSince = undefined;
    this.#waitedMs = 0;
  }

  /**
   * The server takes no more requests at the moment, and says when it will.
   *
   * @returns How long to wait before the request is sent again, in milliseconds; `undefined` if that is not
   * what has happened, or it has waited for long enough.
   */
  waitFor(error: unknown): number | undefined {
    if (!(error instanceof RemoteError) || error.code !== "too-many-requests") return undefined;
    const { retryAfterMs } = error;
    if (retryAfterMs === undefined || this.#waitedMs >= this.#retryForMs) return undefined;
    const waitMs = Math.min(Math.max(retryAfterMs, LEAST_WAIT_MS), this.#retryForMs);
    this.#waitedMs += waitMs;
    return waitMs;
  }

  /** The server has not taken the request. @returns Whether that was too often. */
  refused(): boolean {
    return ++this.#losses > MAX_LOSSES;
  }

  /**
   * The connection has ended.
   *
   * @param opened Whether the server may have had anything of the request.
   * @returns Whether that was too often.
   */
  lost(end: ConnectionEnd, opened: boolean): boolean {
    if (isDeparture(end)) return false;
    if (opened && isDeath(end)) this.#deaths++;
    if (!isSilence(end)) return ++this.#losses > MAX_LOSSES;
    const now = performance.now();
    const sinceMs = now - (this.#silentSince ??= now);
    return ++this.#silences > MAX_LOSSES && sinceMs > this.#retryForMs;
  }
}

/** Whether the server has ended the connection since it is going away. */
export function isDeparture({ by, errorCode }: ConnectionEnd): boolean {
  return by === "peer" && errorCode === ApplicationError.shuttingDown;
}

/** Whether the other side was not heard of any more, as when the network is gone. */
function isSilence({ by, unanswered }: ConnectionEnd): boolean {
  return by === "idle" || unanswered === true;
}

/** Whether the server, rather than the network, has failed: another one says so, or it said so itself. */
function isDeath(end: ConnectionEnd): boolean {
  if (end.by === "peer") return end.errorCode === ApplicationError.internal;
  return end.by === "transport" && !isSilence(end);
}
