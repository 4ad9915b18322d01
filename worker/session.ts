import { getLogger } from "@logtape/logtape";
import { formatAddress } from "../ffi/mod.ts";
import {
  ApplicationError,
  type GoAway,
  type HelloRequest,
  ProtocolError,
} from "../protocol/mod.ts";
import type { AccessToken } from "./access_token.ts";
import { announce } from "./announcement.ts";
import { dispatch, type RequestServices } from "./dispatch.ts";
import { greet, type GreetingSession } from "./hello.ts";
import type { Directions } from "./siblings.ts";
import type { PeerConnection, PeerStream } from "./transport.ts";
import { settlesWithin } from "./waiting.ts";

const logger = getLogger(["msquicd", "worker"]);

/** Streams that may wait for their `unauthenticated` while the client says hello. */
const MAX_EARLY_STREAMS = 8;

/** How long a client may take to get the announcement before an idle session ends, in milliseconds. */
const ANNOUNCE_MS = 1000;

/** How long a session that is to end must have been idle, in milliseconds; it may be longer, see `drain`. */
const MIN_GRACE_MS = 100;

/** How long a session that is to end waits for a hello that may be on its way, in milliseconds. */
const HELLO_GRACE_MS = 150;

/**
 * A session is `draining` from when its client is told to go elsewhere, and `closing` from when it
 * takes no more requests until its connection is over.
 */
export type SessionState = "authenticating" | "active" | "draining" | "closing";

/** What a session needs. */
export interface SessionOptions {
  token: AccessToken;
  services: RequestServices;
  /** How long the client may take to say hello, in milliseconds. */
  helloTimeoutMs: number;
  /** Which other servers to tell the client of; none by default. */
  directions?: () => Directions;
}

/** What is done for one client, from when its connection is accepted until it is over. */
export class Session implements GreetingSession {
  readonly #connection: PeerConnection;
  readonly #helloTimeoutMs: number;
  readonly #admitted = Promise.withResolvers<void>();
  readonly #gone = Promise.withResolvers<void>();
  readonly directions: () => Directions;
  readonly token: AccessToken;
  readonly services: RequestServices;
  readonly id: string = crypto.getRandomValues(new Uint8Array(12)).toHex();
  readonly since: number = Date.now();
  #agent: string | undefined;
  #state: SessionState = "authenticating";
  #helloTimer: ReturnType<typeof setTimeout> | undefined;
  #streams = 0;
  #bytesIn = 0;
  #bytesOut = 0;
  #running = 0;
  #idle: PromiseWithResolvers<void> | undefined;
  readonly #requestDone = () => {
    this.#running--;
    if (this.#running > 0) return;
    this.#idle?.resolve();
    this.#idle = undefined;
  };

  constructor(connection: PeerConnection, options: SessionOptions) {
    this.#connection = connection;
    this.token = options.token;
    this.services = options.services;
    this.#helloTimeoutMs = options.helloTimeoutMs;
    this.directions = options.directions ?? (() => ({}));
  }

  get peer(): string {
    return formatAddress(this.#connection.remoteAddress);
  }

  get agent(): string | undefined {
    return this.#agent;
  }

  get state(): SessionState {
    return this.#state;
  }

  /** How many streams the client has opened so far. */
  get streams(): number {
    return this.#streams;
  }

  /** How many requests are under way. */
  get requests(): number {
    return this.#running;
  }

  /** Bytes received on streams so far. */
  get bytesIn(): number {
    return this.#bytesIn;
  }

  /** Bytes sent on streams so far. */
  get bytesOut(): number {
    return this.#bytesOut;
  }

  /** Serves the client's streams; resolves when the connection is over and no request runs. */
  async run(): Promise<void> {
    const { counters } = this.services;
    counters.add("sessions", 1);
    counters.add("sessionsTotal", 1);
    this.#helloTimer = setTimeout(
      () => this.reject(`no hello within ${this.#helloTimeoutMs} ms`),
      this.#helloTimeoutMs,
    );
    for await (const stream of this.#connection.streams) this.#take(stream);
    clearTimeout(this.#helloTimer);
    this.#state = "closing";
    this.#gone.resolve();
    await this.#untilIdle();
    counters.add("sessions", -1);
    logger.debug("Session {id} of {peer} is over", { id: this.id, peer: this.peer });
  }

  /**
   * Tells the client to go elsewhere, and serves it until it has gone, or is idle: a request that it
   * sent before it knew has then had the time to arrive.
   */
  async drain(goAway: GoAway): Promise<void> {
    if (this.#state === "authenticating") {
      await settlesWithin(
        Promise.race([this.#admitted.promise, this.#gone.promise]),
        HELLO_GRACE_MS,
      );
    }
    if (this.#state !== "active") return;
    this.#state = "draining";
    const start = performance.now();
    await settlesWithin(announce(this.#connection, goAway), ANNOUNCE_MS);
    const graceMs = Math.max(MIN_GRACE_MS, 2 * (performance.now() - start));
    let streams: number;
    do {
      await this.#untilIdle();
      streams = this.#streams;
      if (await settlesWithin(this.#gone.promise, graceMs)) return;
    } while (this.#running > 0 || this.#streams > streams);
  }

  /** Ends the connection. */
  close(code: ApplicationError): void {
    clearTimeout(this.#helloTimer);
    this.#state = "closing";
    this.#connection.shutdown(code);
  }

  admit(hello: HelloRequest): void {
    clearTimeout(this.#helloTimer);
    this.#agent = hello.agent;
    if (this.#state === "authenticating") this.#state = "active";
    this.#admitted.resolve();
    logger.debug("Session {id} of {peer} has begun", {
      id: this.id,
      peer: this.peer,
      agent: hello.agent,
    });
  }

  reject(reason: string): void {
    if (this.#state !== "closing") {
      logger.warning("Connection from {peer} turned away: {reason}", { peer: this.peer, reason });
    }
    this.close(ApplicationError.unauthenticated);
  }

  checkServing(): void {
    if (this.#state === "active" || this.#state === "draining") return;
    throw this.#state === "closing"
      ? new ProtocolError(
        "shutting-down",
        "Server is shutting down; use another, or this one later",
      )
      : new ProtocolError("unauthenticated", "Connection is not authenticated; say hello first");
  }

  received(bytes: number): void {
    this.#bytesIn += bytes;
    this.services.counters.add("bytesIn", bytes);
  }

  sent(bytes: number): void {
    this.#bytesOut += bytes;
    this.services.counters.add("bytesOut", bytes);
  }

  #take(stream: PeerStream): void {
    this.#streams++;
    if (this.#streams === 1) return this.#track(greet(stream, this));
    // They are only told that they are refused: not counted, so that nobody waits for them.
    if (this.#state === "closing") return void dispatch(stream, this);
    if (this.#state === "authenticating" && this.#running > MAX_EARLY_STREAMS) {
      return stream.abort(ApplicationError.unauthenticated);
    }
    this.#track(dispatch(stream, this));
  }

  #track(request: Promise<void>): void {
    this.#running++;
    request.then(this.#requestDone, (error) => {
      logger.fatal("Request failed beyond its stream: {error}", { session: this.id, error });
      this.close(ApplicationError.internal);
      this.#requestDone();
    });
  }

  #untilIdle(): Promise<void> {
    if (this.#running === 0) return Promise.resolve();
    this.#idle ??= Promise.withResolvers();
    return this.#idle.promise;
  }
}
