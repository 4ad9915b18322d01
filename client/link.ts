import {
  type Address,
  type ConnectionEnd,
  ConnectionEndedError,
  formatAddress,
  isLoopback,
} from "../ffi/mod.ts";
import {
  ApplicationError,
  type Farewell,
  type GoAway,
  type HelloResponse,
  MessageReader,
  messages,
} from "../protocol/mod.ts";
import { canCompress } from "../transfer/mod.ts";
import { DEFAULT_IDLE_MS, DEFAULT_KEEP_ALIVE_MS, keepAliveWithin } from "../base/idle_times.ts";
import { type DatagramConnection, DatagramRequests } from "./datagrams.ts";
import { type Compressing, isWorthwhile } from "./compressing.ts";
import { EarlyAllowance } from "./early_allowance.ts";
import type { RequestStream, StreamOpener } from "./exchange.ts";
import { PacedStream } from "./paced_stream.ts";
import type { Pacer } from "./pacer.ts";

/** How long a connection may be idle, and after how long it asks for a sign of life: in milliseconds, 0 for never. */
export interface IdleTimes {
  idleTimeoutMs: number;
  keepAliveMs: number;
}

const USUAL_TIMES: IdleTimes = {
  idleTimeoutMs: DEFAULT_IDLE_MS,
  keepAliveMs: DEFAULT_KEEP_ALIVE_MS,
};

/** How often while a request waits for its answer, so that its loss is noticed soon. */
const BUSY_KEEP_ALIVE_MS = 1000;

/** How long requests must be under way for that. */
const BUSY_AFTER_MS = 1000;

/** What a client needs of a connection; ffi's `Connection` fits. */
export interface ClientConnection extends StreamOpener {
  readonly ended: Promise<ConnectionEnd>;
  /** The streams that the server opens; ends with the connection. */
  readonly streams: AsyncIterable<RequestStream>;
  /** Changes after how many idle milliseconds the server is asked for a sign of life. */
  setKeepAlive(intervalMs: number): void;
  /** Acknowledges sooner on a short path, and asks the server for the same, but for no less than it takes. */
  acknowledgeSooner(peerMinMs: number): void;
  /** Ends the connection and waits until it is over. */
  close(errorCode?: number): Promise<void>;
}

/** Where nothing is said of them, there are no datagrams. */
function isDatagramConnection(
  connection: object,
): connection is DatagramConnection {
  return "sendDatagram" in connection;
}

/** What a {@linkcode Link} is made of. */
export interface LinkParts {
  connection: ClientConnection;
  address: Address;
  /** The server's answer to the greeting, which has been sent. Where there is none, the connection is over. */
  hello: HelloResponse | Promise<HelloResponse>;
  /** How long the path is, in milliseconds. */
  roundTripMs: number;
  /** How the connection was made; as they are by default, if not given. */
  idle?: IdleTimes;
  /** Bounds how fast its requests go; by default nothing does. */
  pacer?: Pacer | undefined;
  /** How the bytes of files are compressed; not at all by default. */
  compressing?: Pick<Compressing, "mode" | "tasks"> | undefined;
}

/** The use of a connection by one request: while it lasts, the connection is not retired. */
export interface LinkUse extends StreamOpener, Disposable {
  /** Whether it began before the server had answered to the greeting. */
  readonly early: boolean;
  /** Whether anything may have been sent. */
  readonly opened: boolean;
  /** Whether a transfer has come further with it. */
  readonly advanced: boolean;
  advance(): void;
}

/** One connection to one server, from when the greeting has been sent to its end. */
export class Link {
  readonly #connection: ClientConnection;
  readonly #goAway = Promise.withResolvers<GoAway>();
  readonly #advice = Promise.withResolvers<GoAway>();
  readonly #ended: Promise<ConnectionEnd>;
  /** Settled when all is understood that the server has said until the end of the connection. */
  readonly #heard: Promise<void>;
  #farewell: Farewell | undefined;
  #datagrams: DatagramRequests | undefined;
  #users = 0;
  #busy: ReturnType<typeof setTimeout> | undefined;
  #watchful = false;
  #retired = false;
  #over = false;
  readonly address: Address;
  /** The server's answer to the greeting. */
  readonly greeted: Promise<HelloResponse>;
  #hello: HelloResponse | undefined;
  readonly #early: EarlyAllowance;
  readonly #compressing: Compressing | undefined;
  #keepAliveMs: number;
  readonly #idleTimeoutMs: number;
  readonly #pacer: Pacer | undefined;
  /** How long the path is, in milliseconds: the shortest round trip of the handshake. */
  readonly roundTripMs: number;

  constructor(parts: LinkParts) {
    const { connection, address, hello, roundTripMs, idle = USUAL_TIMES, compressing } = parts;
    this.#pacer = parts.pacer;
    this.#keepAliveMs = idle.keepAliveMs;
    this.#idleTimeoutMs = idle.idleTimeoutMs;
    this.#connection = connection;
    this.address = address;
    this.roundTripMs = roundTripMs;
    this.greeted = Promise.resolve(hello);
    this.#compressing = compressing &&
      { ...compressing, greeted: this.greeted, pays: () => this.#compressingPays() };
    if (hello instanceof Promise) hello.then((answer) => this.#greet(answer), () => {});
    else this.#greet(hello);
    this.#early = new EarlyAllowance(this.greeted);
    connection.ended.then(() => this.#over = true);
    this.#ended = connection.ended.then((end) => this.#explained(end));
    this.#heard = this.#listen();
  }

  /** The server, as `HOST:PORT`. */
  get server(): string {
    return formatAddress(this.address);
  }

  /** The server's answer to the greeting, once it is there. */
  get hello(): HelloResponse | undefined {
    return this.#hello;
  }

  /** Resolves when the server says that it is going away; never rejects. */
  get goAway(): Promise<GoAway> {
    return this.#goAway.promise;
  }

  /** Resolves when the server says that another one has less to do; never rejects. */
  get advice(): Promise<GoAway> {
    return this.#advice.promise;
  }

  /** Resolves when the connection is over, with the reason; never rejects. */
  get ended(): Promise<ConnectionEnd> {
    return this.#ended;
  }

  /** What the server said before it ended the session for good. */
  get farewell(): Farewell | undefined {
    return this.#farewell;
  }

  /** Whether the connection is over. */
  get over(): boolean {
    return this.#over;
  }

  /** Requests in datagrams; `undefined` where the server takes none. */
  get datagrams(): DatagramRequests | undefined {
    const connection = this.#connection;
    if (!isDatagramConnection(connection) || connection.maxDatagramLength === 0) return undefined;
    return this.#datagrams ??= new DatagramRequests(connection);
  }

  /** Whether the path is one within this machine. */
  get #within(): boolean {
    return isLoopback(this.address) || this.address.hostname === "localhost";
  }

  /** On a busy machine the shortest round trip of the handshake is the processor's, and a later one the path's. */
  #compressingPays(): boolean {
    if (this.#compressing === undefined) return false;
    const { mode } = this.#compressing;
    const path = { pacer: this.#pacer, within: this.#within };
    const worthwhile = (roundTripMs: number) => isWorthwhile(mode, roundTripMs, path);
    return worthwhile(this.roundTripMs) && worthwhile(this.#shortestMs()) && canCompress();
  }

  /** The shortest round trip by now, in milliseconds. */
  #shortestMs(): number {
    try {
      const { minRttUs = Infinity } = this.#connection.statistics?.() ?? {};
      return Math.min(this.roundTripMs, minRttUs / 1000);
    } catch (error) {
      if (error instanceof ConnectionEndedError) return this.roundTripMs;
      throw error;
    }
  }

  /** Begins a request on this connection. */
  use(): LinkUse {
    if (this.#users++ === 0) this.#busy = setTimeout(() => this.#watch(), BUSY_AFTER_MS);
    const connection = this.#connection;
    const pacer = this.#pacer;
    const early = this.#hello === undefined ? this.#early : undefined;
    let opened = false;
    let advanced = false;
    let using = true;
    return {
      early: early !== undefined,
      get advanced() {
        return advanced;
      },
      advance() {
        advanced = true;
      },
      get opened() {
        return opened;
      },
      async openStream(options) {
        await early?.mayOpen(options?.signal);
        const stream = await connection.openStream(options);
        opened = true;
        const limited = early?.limit(stream) ?? stream;
        return pacer === undefined ? limited : new PacedStream(limited, pacer);
      },
      pacer,
      statistics: () => connection.statistics?.(),
      compressing: this.#compressing,
      [Symbol.dispose]: () => {
        if (!using) return;
        using = false;
        if (--this.#users === 0) this.#rest();
      },
    };
  }

  /** Closes the connection once nobody uses it any more. */
  retire(): void {
    this.#retired = true;
    this.#closeIfDone();
  }

  /** Ends the connection at once; resolves when it is over. */
  async close(): Promise<void> {
    await this.#connection.close(ApplicationError.none);
  }

  /** The server ends the connection as well, but what says so may get lost. */
  #leave(farewell: Farewell): void {
    this.#farewell ??= farewell;
    void this.close();
  }

  /** Why the server has ended it has come before the end, but may still have to be read. */
  #explained(end: ConnectionEnd): ConnectionEnd | Promise<ConnectionEnd> {
    if (this.#farewell === undefined && !isDismissal(end)) return end;
    return this.#heard.then(() => {
      const { message } = this.#farewell ?? {};
      const why = message === undefined ? "" : `: ${message}`;
      const { ended } = ApplicationError;
      return {
        ...end,
        by: "peer",
        errorCode: ended,
        message: `ended by the server for good${why}`,
      };
    });
  }

  /** The server may let it be idle for less than was known when it was made. */
  #greet(hello: HelloResponse): void {
    this.#hello = hello;
    const { idleTimeoutMs = this.#idleTimeoutMs, minAckDelayMs } = hello;
    if (minAckDelayMs !== undefined) this.#connection.acknowledgeSooner(minAckDelayMs);
    const keepAliveMs = keepAliveWithin(this.#keepAliveMs, idleTimeoutMs);
    if (keepAliveMs === this.#keepAliveMs) return;
    this.#keepAliveMs = keepAliveMs;
    if (!this.#watchful) this.#connection.setKeepAlive(keepAliveMs);
  }

  #watch(): void {
    this.#watchful = true;
    const most = this.#keepAliveMs === 0 ? Infinity : this.#keepAliveMs;
    this.#connection.setKeepAlive(Math.min(BUSY_KEEP_ALIVE_MS, most));
  }

  #rest(): void {
    clearTimeout(this.#busy);
    if (this.#watchful) this.#connection.setKeepAlive(this.#keepAliveMs);
    this.#watchful = false;
    this.#closeIfDone();
  }

  #closeIfDone(): void {
    if (this.#retired && this.#users === 0 && !this.#over) void this.close();
  }

  async #listen(): Promise<void> {
    let last = Promise.resolve();
    for await (const stream of this.#connection.streams) {
      const hearing = this.#hear(stream);
      last = last.then(() => hearing);
    }
    await last;
  }

  #heed(goAway: GoAway): void {
    if (goAway.advice === true) this.#advice.resolve(goAway);
    else this.#goAway.resolve(goAway);
  }

  /** What cannot be understood may be from a newer server: it is not for this client. */
  async #hear(stream: RequestStream): Promise<void> {
    try {
      const { type, flags, body } = await new MessageReader(stream).readMessage();
      const { goaway, farewell } = messages;
      if (type === goaway.type && flags === 0) this.#heed(goaway.parse(body));
      if (type === farewell.type && flags === 0) this.#leave(farewell.parse(body));
    } catch {
      stream.abort(ApplicationError.refused);
    }
    await stream.close();
  }
}

/** Whether the server has ended the session, and does not want the client back. */
export function isDismissal({ by, errorCode }: ConnectionEnd): boolean {
  return by === "peer" && errorCode === ApplicationError.ended;
}
