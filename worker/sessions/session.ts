import { getLogger } from "@logtape/logtape";
import { settlesWithin } from "../../base/mod.ts";
import type { ServerLimits } from "../../base/server_limits.ts";
import { formatAddress, type ShownCertificate } from "../../ffi/mod.ts";
import type { LineLimit } from "../../log/mod.ts";
import {
  type GoAway,
  type HelloRequest,
  MAX_GREETING_LENGTH,
  type ServerEndReason,
  SESSION_END_REASONS,
  type SessionState,
} from "../../protocol/mod.ts";
import type { Gate } from "../rights/gate.ts";
import { type Identity, STRANGER } from "../rights/identity.ts";
import { announce, ANNOUNCE_MS, bidFarewell } from "./announcement.ts";
import { dispatch, type RequestServices } from "../requests/dispatch.ts";
import { turnDown } from "../requests/turn_down.ts";
import type { ByteRate } from "../../base/byte_rate.ts";
import { ThrottledStream } from "../limits/throttled_stream.ts";
import { ClientRates, type RateLimits, type TooMany } from "../limits/client_rates.ts";
import type { FailedHellos } from "../limits/failed_hellos.ts";
import type { TokenShare } from "../limits/token_shares.ts";
import { serveAtOnce } from "../requests/serve_at_once.ts";
import { serveDatagram } from "../requests/serve_datagram.ts";
import { EarlyStreams } from "./early_streams.ts";
import { greet, type GreetingSession } from "./hello.ts";
import type { Guest } from "./lobby.ts";
import { logBegun, logRevoked, logTurnedAway } from "./session_log.ts";
import type { Directions } from "./siblings.ts";
import { whenIdle } from "./when_idle.ts";
import { ENDED_BY, isOverLimit, logEnd, refusalOf, sessionEndOf } from "./session_end.ts";
import type {
  PathFigures,
  PeerConnection,
  PeerStream,
  StreamTaker,
  WholeStream,
} from "../transport.ts";

const logger = getLogger(["msquicd", "worker"]);

/** What clients are told of how long they are served on where they are only asked to go, in milliseconds. */
const ADVICE_MS = Number.MAX_SAFE_INTEGER;

/** How long a session that is to end waits for a hello that may be on its way, in milliseconds. */
const HELLO_GRACE_MS = 150;

/** What bounds each client. */
export type SessionLimits = RateLimits & Pick<ServerLimits, "bodyBytes">;

/** What a session needs. */
export interface SessionOptions {
  /** Knows who clients are. */
  gate: Gate;
  services: RequestServices;
  /** How long the client may take to say hello, in milliseconds. */
  helloTimeoutMs: number;
  /** What bounds the client. */
  limits: SessionLimits;
  /** How long the client may be idle, in milliseconds. */
  idleTimeoutMs: number;
  /** Which other servers to tell the client of; none by default. */
  directions?: (session: Session) => Directions;
  /** Wrong tokens that have come before. */
  failedHellos: FailedHellos;
  /**
   * Is called when the client has said who it is.
   *
   * @returns What it shares with other clients of its token.
   * @throws {ProtocolError} There is no room for it.
   */
  onAdmit?: (session: Session, identity: Identity) => TokenShare;
  /** How fast it may be besides, as long as that does not change. */
  ratesOf?: (session: Session) => readonly ByteRate[];
  /** Limits what is logged of strangers. */
  strangers?: LineLimit;
  /** Is called when the connection is over and no request runs. */
  onOver?: (session: Session) => void;
}

/** For those who may be as fast as they can. */
const UNPACED: readonly ByteRate[] = [];

let lastSerial = 0;

/**
 * What is done for one client, from when its connection is accepted until it is over.
 *
 * There may be thousands that do nothing, so none has promises, timers or streams while it is idle.
 */
export class Session implements GreetingSession, Guest, StreamTaker {
  readonly #connection: PeerConnection;
  readonly #options: SessionOptions;
  readonly id: string = crypto.getRandomValues(new Uint8Array(12)).toHex();
  readonly since: number = Date.now();
  /** Greater than those of all sessions before it in this process. */
  readonly serial: number = ++lastSerial;
  #agent: string | undefined;
  #state: SessionState = "authenticating";
  #identity: Identity | undefined;
  #helloTimer: ReturnType<typeof setTimeout> | undefined;
  #streams = 0;
  #bytesIn = 0;
  #bytesOut = 0;
  #running = 0;
  #datagrams = 0;
  /** When the last request was over, in milliseconds since 1970. */
  #lastDone = this.since;
  /** For which reason the server ends it, and what the operator has to say of that. */
  #reason: ServerEndReason | undefined;
  #farewell: string | undefined;
  /** Whether the client was told to go elsewhere. */
  #told = false;
  /** What came before the client had shown the token. */
  #early: EarlyStreams | undefined;
  /** Whether the client has been asked to go elsewhere. */
  #advised = false;
  /** How fast the client may be, if that is bounded. */
  #rates: ClientRates | undefined;
  /** What its bytes are paced by; see {@linkcode Session.pace}. */
  byteRates: readonly ByteRate[] = UNPACED;
  /** Whether the connection is over. */
  #gone = false;
  /** For those who wait for the session to be admitted, idle or over. */
  #changed: PromiseWithResolvers<void> | undefined;
  readonly #requestDone = () => {
    this.#running--;
    if (this.#running > 0) return;
    this.#lastDone = Date.now();
    if (this.#gone) this.#finish();
    this.#tellChange();
  };

  readonly #answered = {
    resolve: () => {
      this.services.counters.add("requests", 1);
      this.#requestDone();
    },
    reject: () => this.#requestDone(),
  };

  constructor(connection: PeerConnection, options: SessionOptions) {
    this.#connection = connection;
    this.#options = options;
  }

  get shownCertificate(): ShownCertificate | undefined {
    return this.#connection.shownCertificate;
  }

  get gate(): Gate {
    return this.#options.gate;
  }

  get failedHellos(): FailedHellos {
    return this.#options.failedHellos;
  }

  get services(): RequestServices {
    return this.#options.services;
  }

  get idleTimeoutMs(): number {
    return this.#options.idleTimeoutMs;
  }

  directions(): Directions {
    return this.#options.directions?.(this) ?? {};
  }

  get peer(): string {
    return formatAddress(this.#connection.remoteAddress);
  }

  get hostname(): string {
    return this.#connection.remoteAddress.hostname;
  }

  /** Whether the client has said who it is, and was let in. */
  get admitted(): boolean {
    return this.#identity !== undefined;
  }

  get identity(): Identity {
    return this.#identity ?? STRANGER;
  }

  get maxBodyLength(): number {
    return this.admitted ? this.#options.limits.bodyBytes : MAX_GREETING_LENGTH;
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

  /** How many requests there were so far, on streams and in datagrams; the greeting is none. */
  get requestsTotal(): number {
    return Math.max(0, this.#streams - 1) + this.#datagrams;
  }

  /** How long there has been no request under way, in milliseconds. */
  get idleMs(): number {
    return this.#running > 0 ? 0 : Math.max(0, Date.now() - this.#lastDone);
  }

  /** What is known of the path to the client; `undefined` when the connection is over. */
  get path(): PathFigures | undefined {
    const connection = this.#connection;
    return connection.outcome === undefined ? connection.statistics() : undefined;
  }

  /** Bytes received on streams so far. */
  get bytesIn(): number {
    return this.#bytesIn;
  }

  /** Bytes sent on streams so far. */
  get bytesOut(): number {
    return this.#bytesOut;
  }

  /** Resolves when the connection is over and no request runs. */
  get over(): Promise<void> {
    return this.#until(() => this.#gone && this.#running === 0);
  }

  /** Begins to serve the client's streams. */
  start(): void {
    const { helloTimeoutMs } = this.#options;
    this.#helloTimer = setTimeout(
      () => this.#turnAway(`no hello within ${helloTimeoutMs} ms`, "unauthenticated"),
      helloTimeoutMs,
    );
    this.#connection.streams.handTo(this);
    this.#connection.takeDatagrams((bytes) => {
      // What is too much counts as lost.
      if (this.#rates?.take() !== undefined) return this.services.counters.add("overLimit", 1);
      this.#datagrams++;
      this.#lastDone = Date.now();
      serveDatagram(bytes, this.#connection, this);
    });
  }

  /**
   * Tells the client to go elsewhere, and serves it until it has gone, or is idle: a request that it
   * sent before it knew has then had the time to arrive.
   */
  async drain(goAway: GoAway): Promise<void> {
    if (this.#state === "authenticating") {
      await settlesWithin(
        this.#until(() => this.#state !== "authenticating"),
        HELLO_GRACE_MS,
      );
    }
    if (this.#state !== "active") return;
    this.#state = "draining";
    this.#told = true;
    await whenIdle(this, {
      told: announce(this.#connection, goAway),
      isGone: () => this.#gone,
      until: (condition) => this.#until(condition),
    });
  }

  /**
   * Asks the client to go to another port of this host, if it does nothing at the moment: once, and it is
   * served here as before until it has gone.
   *
   * @returns Whether it has been asked.
   */
  advise(port: number): boolean {
    if (this.#advised || this.#state !== "active" || this.#running > 0) return false;
    this.#advised = true;
    if (this.#connection.openableStreams === 0) return false;
    void announce(this.#connection, { successors: [port], deadlineMs: ADVICE_MS, advice: true });
    return true;
  }

  /** Ends the connection. */
  close(reason: ServerEndReason): void {
    this.#reason ??= reason;
    this.#endGreeting("closing");
    this.#connection.shutdown(SESSION_END_REASONS[reason].code);
  }

  /**
   * Tells the client that its session is ended, and that it is not to come back by itself, and ends it.
   *
   * @param reason One that has the code `ended`.
   * @param message What the operator has to say of it.
   * @returns Resolves when the connection is being ended: when the client has been told, or cannot be.
   */
  async dismiss(reason: ServerEndReason, message?: string): Promise<void> {
    if (this.#state === "closing") return;
    this.#reason = reason;
    this.#farewell = message;
    this.#endGreeting("closing");
    if (this.admitted) {
      await settlesWithin(bidFarewell(this.#connection, reason, message), ANNOUNCE_MS);
    }
    this.close(reason);
  }

  admit(identity: Identity, hello: HelloRequest): void {
    const share = this.#options.onAdmit?.(this, identity);
    this.#identity = identity;
    this.#rates = ClientRates.of(this.#options.limits, share);
    this.pace();
    this.#agent = hello.agent;
    const { minAckDelayMs } = hello;
    if (minAckDelayMs !== undefined) this.#connection.acknowledgeSooner(minAckDelayMs);
    this.services.counters.add("sessions", 1);
    this.services.counters.add("sessionsTotal", 1);
    this.services.events.publish("session.opened", () => this.#description());
    this.#endGreeting(this.#state === "authenticating" ? "active" : this.#state);
    logBegun(this, hello.agent);
    const early = this.#early?.release() ?? [];
    this.#early = undefined;
    for (const stream of early) this.#serveRequest(stream);
  }

  /** Looks again at how fast the client may be: what is under way goes on at that rate. */
  pace(): void {
    const rates = [...this.#rates?.bytes ?? [], ...this.#options.ratesOf?.(this) ?? []];
    this.byteRates = rates.length === 0 ? UNPACED : rates;
  }

  reject(why: string, reason: ServerEndReason): void {
    this.#turnAway(why, reason);
  }

  /** What has let the client in does so no more: ends the connection, with all that is under way on it. */
  revoke(): void {
    logRevoked(this);
    this.close("revoked");
  }

  /** For the lobby. */
  sendOff(): void {
    this.#turnAway("too many clients say no hello", "crowded");
  }

  checkServing(): void {
    if (this.#state === "active" || this.#state === "draining") return;
    throw refusalOf(this.#state, this.#reason, this.#farewell);
  }

  received(bytes: number): void {
    this.#bytesIn += bytes;
    this.services.counters.add("bytesIn", bytes);
  }

  sent(bytes: number): void {
    this.#bytesOut += bytes;
    this.services.counters.add("bytesOut", bytes);
  }

  /** For the connection: the client has opened a stream. */
  take(stream: PeerStream): void {
    try {
      this.#serve(stream);
    } catch (error) {
      logger.error("Session {id} failed: {error}", { id: this.id, error });
      this.close("failed");
    }
  }

  /** For the connection: all has come that the client sends on a stream. */
  takeWhole(stream: WholeStream, bytes: Uint8Array): boolean {
    if (this.#state !== "active" && this.#state !== "draining") return false;
    if (this.#rates !== undefined || this.byteRates !== UNPACED) return false; // they may have to wait
    if (!serveAtOnce(stream, bytes, this, this.#answered)) return false;
    this.#streams++;
    this.#running++;
    return true;
  }

  /** For the connection: it is over. */
  end(): void {
    this.#endGreeting("closing");
    this.#gone = true;
    if (this.#running === 0) this.#finish();
    this.#tellChange();
  }

  #serve(stream: PeerStream): void {
    this.#streams++;
    if (this.#streams === 1) return this.#track(greet(stream, this));
    if (this.#state === "authenticating") {
      return (this.#early ??= new EarlyStreams()).hold(stream);
    }
    this.#serveRequest(stream);
  }

  #serveRequest(stream: PeerStream): void {
    // They are only told that they are refused: not counted, so that nobody waits for them.
    if (this.#state === "closing") return void dispatch(stream, this);
    const tooMany = this.#rates?.take();
    if (tooMany !== undefined) return this.#refuse(stream, tooMany);
    // Also where nothing paces it now: that may change while it is under way.
    this.#track(dispatch(new ThrottledStream(stream, this), this));
  }

  #refuse(stream: PeerStream, { error, holdMs }: TooMany): void {
    this.services.counters.add("overLimit", 1);
    if (holdMs !== undefined) return this.#track(turnDown(stream, this, error, holdMs));
    this.#turnAway("far more requests than it may send", "flooding");
  }

  #track(request: Promise<void>): void {
    this.#running++;
    request.then(this.#requestDone, (error) => {
      logger.fatal("Request failed beyond its stream: {error}", { session: this.id, error });
      this.close("failed");
      this.#requestDone();
    });
  }

  #turnAway(why: string, reason: ServerEndReason): void {
    const { strangers } = this.#options;
    if (isOverLimit(reason)) this.services.counters.add("overLimit", 1);
    if (this.#state !== "closing" && (strangers === undefined || strangers.admit())) {
      logTurnedAway(this, reason, why);
    }
    this.close(reason);
  }

  #endGreeting(state: SessionState): void {
    clearTimeout(this.#helloTimer);
    this.#helloTimer = undefined;
    this.#state = state;
    if (!this.admitted) this.#early?.refuse();
    this.#tellChange();
  }

  #finish(): void {
    const end = sessionEndOf(this.#connection.outcome, this.#reason, this.#told);
    if (this.admitted) {
      this.services.counters.add("sessions", -1);
      this.services.counters.add(ENDED_BY[end.by], 1);
      this.services.events.publish("session.closed", () => ({ ...this.#description(), ...end }));
    }
    this.#options.onOver?.(this);
    logEnd(this, end, this.#farewell);
  }

  /** What subscribers are told of it. */
  #description(): Record<string, unknown> {
    const { id, peer, agent, identity, bytesIn, bytesOut } = this;
    const { kind, name } = identity;
    return { session: id, peer, agent, kind, identity: name, bytesIn, bytesOut };
  }

  async #until(condition: () => boolean): Promise<void> {
    while (!condition()) {
      this.#changed ??= Promise.withResolvers();
      await this.#changed.promise;
    }
  }

  #tellChange(): void {
    this.#changed?.resolve();
    this.#changed = undefined;
  }
}
