import { counted } from "../../base/counted.ts";
import type { MessageHandler } from "../../handlers/messages/mod.ts";
import type { CounterSink } from "../transport.ts";
import { FIRST_CUSTOM_TYPE, ProtocolError } from "../../protocol/mod.ts";

/** What bounds the requests that handlers of one's own serve. */
export interface RequestLimits {
  /** How long one may take, in milliseconds, where its handler does not say; a sequence takes what it takes. */
  readonly deadlineMs: number;
  /** How many of one session there may be at once. */
  readonly perSession: number;
  /** How many of one type there may be at once, where its handler does not say. */
  readonly perType: number;
}

/** The bounds by default. */
export const REQUEST_LIMITS: RequestLimits = {
  deadlineMs: 30_000,
  perSession: 64,
  perType: 1000,
};

/** The bounds of one handler. */
export interface HandlerBounds {
  /** How long a request may take, in milliseconds; `Infinity` if it takes what it takes. */
  readonly deadlineMs: number;
  /** How many requests there may be at once; may be `Infinity`. */
  readonly most: number;
  /** How many there are. */
  readonly running: number;
  /** Counts one more request. @throws {ProtocolError} `too-many-requests`. */
  enter(session: object): void;
  /** Its handler has ended, whether the client still waited for it or not. */
  leave(session: object): void;
}

/**
 * Bounds how many requests are under way: those of handlers of one's own, and of others that say so. The
 * others have bounds of their own kind, like the memory for downloads.
 */
export class RequestBounds {
  readonly #limits: RequestLimits;
  readonly #counters: CounterSink;
  #lastType = 0;
  readonly #handlers = new Map<MessageHandler, HandlerBounds | undefined>();
  /** The handlers of one's own that have requests under way. */
  readonly #running = new Set<MessageHandler>();
  /** Those that had some lately. */
  readonly #recent = new Set<MessageHandler>();
  /** How many requests each session has under way. */
  readonly #sessions = new Map<object, number>();

  /** @param counters Where it is noted who serves, in case nothing is heard of the worker any more. */
  constructor(limits: RequestLimits, counters: CounterSink) {
    this.#limits = limits;
    this.#counters = counters;
  }

  /** Takes note that a handler begins with a request, if it is one of one's own. */
  note(handler: MessageHandler): void {
    const { type } = handler;
    if (type < FIRST_CUSTOM_TYPE) return;
    this.#recent.add(handler);
    if (type === this.#lastType) return;
    this.#counters.add("lastOwnType", type - this.#lastType);
    this.#lastType = type;
  }

  /** The handlers of one's own that have requests under way, or had since this was last called. */
  takeUnderWay(): string[] {
    const handlers = new Set([...this.#running, ...this.#recent]);
    this.#recent.clear();
    return Array.from(handlers, ({ name, type }) => `${name} (${type})`);
  }

  /** What bounds a handler's requests; `undefined` if nothing does here. */
  of(handler: MessageHandler): HandlerBounds | undefined {
    const known = this.#handlers.get(handler);
    if (known !== undefined || this.#handlers.has(handler)) return known;
    const bounds = this.#boundsOf(handler);
    this.#handlers.set(handler, bounds);
    return bounds;
  }

  #boundsOf(handler: MessageHandler): HandlerBounds | undefined {
    const { type, name, sequence, limits } = handler;
    const isOwn = type >= FIRST_CUSTOM_TYPE;
    if (!isOwn && limits === undefined) return undefined;
    const { deadlineMs, perSession, perType } = this.#limits;
    const ownDeadline = isOwn && sequence !== true ? deadlineMs : Infinity;
    const most = limits?.maxRequests ?? (isOwn ? perType : Infinity);
    let running = 0;
    return {
      deadlineMs: limits?.deadlineMs ?? ownDeadline,
      most,
      get running() {
        return running;
      },
      enter: (session) => {
        const ofSession = this.#sessions.get(session) ?? 0;
        if (running >= most) {
          throw tooMany(`${counted(running, "request")} ${name} ${running === 1 ? "is" : "are"}`);
        }
        if (isOwn && ofSession >= perSession) {
          throw tooMany(`${ofSession} of this client's ${ofSession === 1 ? "is" : "are"}`);
        }
        running++;
        if (isOwn) this.#running.add(handler);
        if (isOwn) this.#sessions.set(session, ofSession + 1);
      },
      leave: (session) => {
        running--;
        if (running === 0 && this.#running.delete(handler)) this.#recent.add(handler);
        if (isOwn) this.#leave(session);
      },
    };
  }

  #leave(session: object): void {
    const left = (this.#sessions.get(session) ?? 1) - 1;
    if (left > 0) this.#sessions.set(session, left);
    else this.#sessions.delete(session);
  }
}

function tooMany(what: string): ProtocolError {
  return new ProtocolError(
    "too-many-requests",
    `Server takes no more requests of this kind: ${what} under way; try again when some are done`,
  );
}
