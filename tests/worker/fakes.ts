import { delay, MemoryBudget } from "../../base/mod.ts";
import { DEFAULT_LIMITS, type ServerLimits } from "../../base/server_limits.ts";
import type { Tasks } from "../../tasks/mod.ts";
import { AsyncQueue } from "../../ffi/msquic/async_queue.ts";
import { ConnectionEndedError, StreamAbortedError } from "../../ffi/mod.ts";
import { builtinHandlers, HandlerRegistry, type Storage } from "../../handlers/messages/mod.ts";
import type { CounterName } from "../../base/mod.ts";
import { encodeMessage, Flags, MessageReader, MessageType } from "../../protocol/mod.ts";
import {
  DiskStorage,
  type FileStorage,
  openStorageRoot,
  SendBudget,
  UploadPlaces,
} from "../../transfer/mod.ts";
import { EventHub } from "../../worker/events/event_hub.ts";
import { FailedHellos } from "../../worker/limits/failed_hellos.ts";
import { Gate } from "../../worker/rights/gate.ts";
import {
  REQUEST_LIMITS,
  RequestBounds,
  type RequestLimits,
} from "../../worker/requests/request_limits.ts";
import { newRefusalLimit } from "../../worker/requests/audited_request.ts";
import { Session, type SessionOptions } from "../../worker/sessions/session.ts";
import { Transfers } from "../../worker/transfers/transfers.ts";
import type {
  Completion,
  ConnectionOutcome,
  CounterSink,
  PathFigures,
  PeerConnection,
  PeerStream,
  StreamTaker,
  WholeStream,
} from "../../worker/transport.ts";
import { within } from "../ffi/within.ts";
import "../fixtures/loaded_libc.ts";

export const TOKEN = "the-token";

/** How long a test waits for what should be there at once, in milliseconds. */
const PATIENCE_MS = 30_000;

/** An answer, taken apart. */
export interface Answer {
  type: number;
  flags: number;
  body: Record<string, unknown>;
  data: Uint8Array;
}

/** Bytes that one side pushes and the other reads; the chunk that was read last is overwritten. */
class Pipe {
  readonly #chunks: Uint8Array[] = [];
  #end: null | Error | undefined;
  #waiting: PromiseWithResolvers<void> | undefined;
  #lent: Uint8Array | undefined;

  get ended(): boolean {
    return this.#end !== undefined;
  }

  push(chunk: Uint8Array): void {
    this.#chunks.push(chunk.slice());
    this.#waiting?.resolve();
  }

  end(reason: null | Error): void {
    this.#end ??= reason;
    this.#waiting?.resolve();
  }

  release(): void {
    // As with memory that is not one's own any more.
    this.#lent?.fill(0xdd);
    this.#lent = undefined;
  }

  get exhausted(): boolean {
    return this.#end === null && this.#chunks.length === 0;
  }

  /** All there is, if it has come in one chunk. */
  get whole(): Uint8Array | undefined {
    return this.#end === null && this.#chunks.length === 1 ? this.#chunks[0]?.slice() : undefined;
  }

  clear(): void {
    this.#chunks.length = 0;
  }

  async read({ signal }: { signal?: AbortSignal } = {}): Promise<Uint8Array | null> {
    this.release();
    const giveUp = () => this.#waiting?.reject(signal?.reason);
    signal?.addEventListener("abort", giveUp, { once: true });
    while (true) {
      signal?.throwIfAborted();
      this.#lent = this.#chunks.shift();
      if (this.#lent !== undefined) return this.#lent;
      if (this.#end === null) return null;
      if (this.#end !== undefined) throw this.#end;
      this.#waiting = Promise.withResolvers();
      await this.#waiting.promise;
    }
  }
}

/** A stream between a test, which is the client, and a session. */
export class FakeStream implements PeerStream, WholeStream {
  readonly #up = new Pipe();
  readonly #sent: Uint8Array[] = [];
  readonly #closed = Promise.withResolvers<void>();
  readonly #sendEnded = Promise.withResolvers<void>();
  readonly #sentFirst = Promise.withResolvers<void>();
  readonly #failSends: Error | undefined;
  #finished = false;
  /** The code with which the session has reset the stream. */
  abortedWith: number | undefined;
  /** The code with which the session has stopped the client's sending. */
  stoppedWith: number | undefined;

  /** What the client sends, and then FIN; with `open` it may send more. */
  constructor(bytes: Uint8Array[] = [], options: { open?: boolean; failSends?: Error } = {}) {
    this.#failSends = options.failSends;
    for (const chunk of bytes) this.#up.push(chunk);
    if (!options.open) this.clientEnds();
  }

  get closed(): Promise<void> {
    return this.#closed.promise;
  }

  clientSends(bytes: Uint8Array): void {
    this.#up.push(bytes);
  }

  clientEnds(): void {
    this.#up.end(null);
    this.#settle();
  }

  clientResets(): void {
    this.#up.end(new StreamAbortedError("Stream reset by the peer", 5));
    this.#settle();
  }

  /** The connection is over. */
  connectionEnds(): void {
    this.#up.end(new ConnectionEndedError("Connection closed"));
    this.#sendEnded.resolve();
    this.#closed.resolve();
  }

  get exhausted(): boolean {
    return this.#up.exhausted;
  }

  /** Brings all that the client sends, if that has come in one chunk, to a session before anything else. */
  offerTo(taker: StreamTaker): boolean {
    const { whole } = this.#up;
    if (whole === undefined || !taker.takeWhole(this, whole)) return false;
    whole.fill(0xdd); // as with memory that is not one's own any more
    this.#up.clear();
    return true;
  }

  sendAll(data: Uint8Array, { resolve, reject }: Completion): void {
    this.send(data, { fin: true }).then(resolve, reject);
  }

  read(options?: { signal?: AbortSignal }): Promise<Uint8Array | null> {
    return this.#up.read(options);
  }

  release(): void {
    this.#up.release();
  }

  send(data: Uint8Array, options: { fin?: boolean } = {}): Promise<void> {
    if (this.#failSends) return Promise.reject(this.#failSends);
    if (this.#finished) return Promise.reject(new TypeError("The stream is finished"));
    this.#sent.push(data.slice());
    this.#sentFirst.resolve();
    return options.fin ? this.finish() : Promise.resolve();
  }

  finish(): Promise<void> {
    this.#finished = true;
    this.#sendEnded.resolve();
    this.#settle();
    return Promise.resolve();
  }

  abort(errorCode = 0): void {
    this.abortedWith ??= errorCode;
    this.#up.end(new StreamAbortedError("Stream reset here", errorCode));
    this.#sendEnded.resolve();
    this.#closed.resolve();
  }

  abortReceive(errorCode = 0): void {
    this.stoppedWith ??= errorCode;
    this.#up.end(new StreamAbortedError("Receiving stopped here", errorCode));
    this.#settle();
  }

  /** The session's answer, once it is whole. */
  async answer(): Promise<Answer> {
    await within(PATIENCE_MS, "the answer", this.#sendEnded.promise);
    if (this.abortedWith !== undefined) throw new Error(`Stream reset: ${this.abortedWith}`);
    return await parseAnswer(this.#sent);
  }

  /** Resolves when the session has sent something. */
  async sentSomething(): Promise<void> {
    await within(PATIENCE_MS, "something that is sent", this.#sentFirst.promise);
  }

  /** The bodies of the session's answers, of a sequence that is whole. */
  async answers(): Promise<Record<string, unknown>[]> {
    await this.over();
    const chunks = [...this.#sent];
    const reader = new MessageReader({ read: () => Promise.resolve(chunks.shift() ?? null) });
    const bodies: Record<string, unknown>[] = [];
    while (chunks.length > 0) {
      bodies.push((await reader.readMessage()).body as Record<string, unknown>);
    }
    return bodies;
  }

  /** Resolves when the session has answered or reset the stream. */
  async over(): Promise<void> {
    await within(PATIENCE_MS, "the end of the stream", this.#sendEnded.promise);
  }

  #settle(): void {
    if (this.#finished && this.#up.ended) this.#closed.resolve();
  }
}

/** Takes an answer apart. */
export async function parseAnswer(chunks: Uint8Array[]): Promise<Answer> {
  const rest = [...chunks];
  const reader = new MessageReader({ read: () => Promise.resolve(rest.shift() ?? null) });
  const { type, flags, body } = await reader.readMessage();
  const data: Uint8Array[] = [];
  for await (const chunk of reader.rest()) data.push(chunk.slice());
  return {
    type,
    flags,
    body: body as Record<string, unknown>,
    data: new Uint8Array(await new Blob(data as BlobPart[]).arrayBuffer()),
  };
}

/** A connection from a test to a session. */
export class FakeConnection implements PeerConnection {
  readonly remoteAddress = { hostname: "127.0.0.1", port: 1234 };
  readonly #incoming = new AsyncQueue<PeerStream>();
  #taker: StreamTaker | undefined;
  readonly streams = {
    handTo: (taker: StreamTaker): void => {
      this.#taker = taker;
      this.#incoming.handTo(taker);
    },
  };
  outcome: ConnectionOutcome | undefined;
  readonly #ended = Promise.withResolvers<number | undefined>();
  readonly #opened: FakeStream[] = [];
  /** The streams that the session has opened. */
  readonly fromSession: FakeStream[] = [];
  /** How many it may open. */
  openableStreams = 1;
  /** How long a datagram may be. */
  maxDatagramLength = 1200;
  /** The datagrams that the session has sent. */
  readonly datagrams: Uint8Array[] = [];
  /** Brings a datagram of the client's. */
  bringDatagram: (bytes: Uint8Array) => void = () => {};

  /** Resolves when the connection is over, with the code that the session ended it with, if it did. */
  ended(): Promise<number | undefined> {
    return within(PATIENCE_MS, "the end of the connection", this.#ended.promise);
  }

  open(stream: FakeStream): FakeStream {
    this.#opened.push(stream);
    if (this.#taker === undefined || !stream.offerTo(this.#taker)) this.#incoming.push(stream);
    return stream;
  }

  /** Sends a request on a stream of its own. */
  request(type: number, body: unknown, data?: Uint8Array): FakeStream {
    const flags = data ? Flags.data : 0;
    return this.open(new FakeStream([encodeMessage({ type, flags, body }), ...data ? [data] : []]));
  }

  async hello(token: string = TOKEN): Promise<Answer> {
    return await this.request(MessageType.hello, { token, agent: "test" }).answer();
  }

  statistics(): PathFigures {
    return { rttUs: 1500, congestionWindow: 20_000, packetsSent: 200, packetsLost: 1 };
  }

  sendDatagram(bytes: Uint8Array): boolean {
    if (bytes.length > this.maxDatagramLength) return false;
    this.datagrams.push(bytes);
    return true;
  }

  takeDatagrams(taker: (bytes: Uint8Array) => void): void {
    this.bringDatagram = taker;
  }

  /** What the session says may be asked of the client, in milliseconds. */
  peerMinAckDelayMs: number | undefined;

  acknowledgeSooner(peerMinMs: number): void {
    this.peerMinAckDelayMs = peerMinMs;
  }

  openStream(): Promise<FakeStream> {
    const stream = new FakeStream();
    this.#opened.push(stream);
    this.fromSession.push(stream);
    return Promise.resolve(stream);
  }

  /** What the session says on the first stream that it opens. */
  async announcement(): Promise<Answer> {
    const deadline = performance.now() + PATIENCE_MS;
    while (this.fromSession[0] === undefined) {
      if (performance.now() > deadline) throw new Error("The session opens no stream");
      await delay(1);
    }
    return await this.fromSession[0].answer();
  }

  clientCloses(): void {
    this.ends({ by: "peer", errorCode: 0 });
  }

  shutdown(errorCode = 0): void {
    this.ends({ by: "local", errorCode });
  }

  /** The connection is over. */
  ends(outcome: ConnectionOutcome): void {
    this.outcome ??= outcome;
    this.#end(outcome.by === "local" ? outcome.errorCode : undefined);
  }

  #end(code: number | undefined): void {
    this.#incoming.end();
    for (const stream of this.#opened) stream.connectionEnds();
    this.#ended.resolve(code);
  }
}

/** Counters to look at. */
export class TestCounters implements CounterSink {
  readonly values: Partial<Record<CounterName, number>> = {};

  add(field: CounterName, amount: number): void {
    this.values[field] = (this.values[field] ?? 0) + amount;
  }
}

/** For handlers that have none. */
const NO_TASKS: Tasks = { run: () => Promise.reject(new Error("There are no threads here")) };

/** A session with a client that is a test, and a storage of its own. */
export class SessionBench implements AsyncDisposable {
  readonly connection = new FakeConnection();
  readonly session: Session;
  /** What handlers threw that was no refusal. */
  readonly failures: { error: unknown; type: number }[] = [];
  readonly running: Promise<void>;
  /** What subscribers hear. */
  readonly events: EventHub;
  readonly transfers: Transfers;

  private constructor(
    readonly storage: Storage,
    readonly counters: TestCounters,
    options: SessionOptions,
  ) {
    this.session = new Session(this.connection, options);
    this.session.start();
    this.running = this.session.over;
    this.events = options.services.events;
    this.transfers = options.services.transfers;
  }

  static async open(
    options: {
      handlers?: HandlerRegistry;
      helloTimeoutMs?: number;
      hello?: boolean;
      requestLimits?: RequestLimits;
      limits?: Partial<ServerLimits>;
      gate?: SessionOptions["gate"];
      failedHellos?: FailedHellos;
      ratesOf?: SessionOptions["ratesOf"];
      files?: FileStorage;
    } = {},
  ): Promise<SessionBench> {
    const directory = await Deno.makeTempDir({ prefix: "msquicd-session-" });
    const storage = { ...await openStorageRoot(directory), owner: "test" };
    const counters = new TestCounters();
    const memory = new MemoryBudget(64 * 2 ** 20);
    const { handlers = new HandlerRegistry(builtinHandlers()), helloTimeoutMs = 10_000 } = options;
    const bench: SessionBench = new SessionBench(storage, counters, {
      gate: options.gate ?? new Gate(TOKEN),
      helloTimeoutMs,
      idleTimeoutMs: 30_000,
      limits: { ...DEFAULT_LIMITS, ...options.limits },
      ...(options.ratesOf === undefined ? {} : { ratesOf: options.ratesOf }),
      failedHellos: options.failedHellos ?? new FailedHellos(DEFAULT_LIMITS.wrongTokens),
      services: {
        handlers,
        files: options.files ?? new DiskStorage(storage),
        storage,
        tasks: NO_TASKS,
        counters,
        bounds: new RequestBounds(options.requestLimits ?? REQUEST_LIMITS, counters),
        events: new EventHub(),
        transfers: new Transfers(),
        memory,
        downloads: new SendBudget({
          memory,
          perClient: DEFAULT_LIMITS.unreadBytes,
          turns: 1024,
          stallMs: 30_000,
        }),
        uploads: new UploadPlaces(1024),
        refusals: newRefusalLimit(),
        onError: (error, { type }) => void bench.failures.push({ error, type }),
      },
    });
    if (options.hello ?? true) await bench.connection.hello();
    return bench;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.connection.clientCloses();
    await within(PATIENCE_MS, "the end of the session", this.running);
    this.session.services.refusals[Symbol.dispose]();
    await Deno.remove(this.storage.path, { recursive: true });
  }
}
