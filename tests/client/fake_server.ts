import type { RequestStream, StreamOpener } from "../../client/exchange.ts";
import type { ClientConnection } from "../../client/link.ts";
import { type ConnectionEnd, ConnectionEndedError, StreamAbortedError } from "../../ffi/mod.ts";
import {
  encodeMessage,
  type GoAway,
  type Message,
  MessageReader,
  MessageType,
} from "../../protocol/mod.ts";

/** One direction of a stream in memory: a send is done when its bytes have been read. */
class Pipe {
  readonly #chunks: { data: Uint8Array; done: PromiseWithResolvers<void> }[] = [];
  #ended = false;
  #error: Error | undefined;
  #wake = Promise.withResolvers<void>();

  async read(): Promise<Uint8Array | null> {
    while (true) {
      if (this.#error !== undefined) throw this.#error;
      const chunk = this.#chunks.shift();
      if (chunk !== undefined) {
        chunk.done.resolve();
        return chunk.data.slice();
      }
      if (this.#ended) return null;
      await this.#wake.promise;
    }
  }

  send(data: Uint8Array, options: { fin?: boolean } = {}): Promise<void> {
    if (this.#error !== undefined) return Promise.reject(this.#error);
    const done = Promise.withResolvers<void>();
    this.#chunks.push({ data, done });
    if (options.fin) this.#ended = true;
    this.#rouse();
    return done.promise;
  }

  abort(code: number): void {
    this.fail(new StreamAbortedError(`Stream reset with code ${code}`, code));
  }

  fail(error: Error): void {
    if (this.#error !== undefined || (this.#ended && this.#chunks.length === 0)) return;
    this.#error = error;
    for (const { done } of this.#chunks.splice(0)) done.reject(this.#error);
    this.#rouse();
  }

  #rouse(): void {
    this.#wake.resolve();
    this.#wake = Promise.withResolvers<void>();
  }
}

/** One end of a stream in memory. */
class FakeStream implements RequestStream {
  readonly #incoming: Pipe;
  readonly #outgoing: Pipe;
  /** The code it was aborted with. */
  aborted: number | undefined;
  closed = false;

  constructor(incoming: Pipe, outgoing: Pipe) {
    this.#incoming = incoming;
    this.#outgoing = outgoing;
  }

  read(): Promise<Uint8Array | null> {
    return this.#incoming.read();
  }

  send(data: Uint8Array, options?: { fin?: boolean }): Promise<void> {
    return this.#outgoing.send(data, options);
  }

  abort(code = 0): void {
    this.aborted ??= code;
    this.#incoming.abort(code);
    this.#outgoing.abort(code);
  }

  abortReceive(code = 0): void {
    this.#incoming.abort(code);
  }

  /** The connection is over. */
  lose(): void {
    const error = new ConnectionEndedError("Connection is over");
    this.#incoming.fail(error);
    this.#outgoing.fail(error);
  }

  close(): Promise<void> {
    if (!this.closed) this.abort();
    this.closed = true;
    return Promise.resolve();
  }
}

export type { FakeStream };

/** Answers one request. */
export type Answerer = (
  request: Message,
  stream: FakeStream,
  reader: MessageReader,
) => Promise<void> | void;

/** A connection to a server that is a function; remembers the streams of the client. */
export class FakeServer implements StreamOpener {
  readonly streams: FakeStream[] = [];
  readonly #answer: Answerer;

  constructor(answer: Answerer) {
    this.#answer = answer;
  }

  openStream(): Promise<FakeStream> {
    const up = new Pipe();
    const down = new Pipe();
    const client = new FakeStream(down, up);
    const server = new FakeStream(up, down);
    this.streams.push(client);
    void this.#serve(server);
    return Promise.resolve(client);
  }

  async #serve(stream: FakeStream): Promise<void> {
    const reader = new MessageReader(stream);
    try {
      await this.#answer(await reader.readMessage(), stream, reader);
    } catch (error) {
      // The client has gone: nothing that a server would mind.
      if (error instanceof StreamAbortedError || error instanceof ConnectionEndedError) return;
      throw error;
    }
  }
}

/** A connection to a {@linkcode FakeServer}, which can end it, or say that it is going away. */
export class FakeConnection implements ClientConnection {
  readonly #server: FakeServer;
  readonly #ended = Promise.withResolvers<ConnectionEnd>();
  readonly streams: ReadableStream<FakeStream>;
  #incoming: ReadableStreamDefaultController<FakeStream> | undefined;
  #over = false;

  constructor(server: FakeServer) {
    this.#server = server;
    this.streams = new ReadableStream({ start: (incoming) => void (this.#incoming = incoming) });
  }

  get over(): boolean {
    return this.#over;
  }

  get ended(): Promise<ConnectionEnd> {
    return this.#ended.promise;
  }

  openStream(): Promise<FakeStream> {
    if (this.#over) return Promise.reject(new ConnectionEndedError("Connection is over"));
    return this.#server.openStream();
  }

  setKeepAlive(): void {}

  /** What the client says may be asked of the server, in milliseconds. */
  peerMinAckDelayMs: number | undefined;

  acknowledgeSooner(peerMinMs: number): void {
    this.peerMinAckDelayMs = peerMinMs;
  }

  close(errorCode = 0): Promise<void> {
    this.end({ by: "local", errorCode, status: 0, message: "closed here" });
    return Promise.resolve();
  }

  /** Ends the connection and all that goes on on it. */
  end(end: ConnectionEnd): void {
    if (this.#over) return;
    this.#over = true;
    this.#incoming?.close();
    for (const stream of this.#server.streams) stream.lose();
    this.#ended.resolve(end);
  }

  /** The server opens a stream and sends bytes. */
  push(bytes: Uint8Array): FakeStream {
    const [up, down] = [new Pipe(), new Pipe()];
    const stream = new FakeStream(down, up);
    down.send(bytes, { fin: true }).catch(() => {});
    this.#incoming?.enqueue(stream);
    return stream;
  }

  /** The server says that it is going away. */
  goAway(goAway: GoAway): void {
    if (!this.#over) this.push(encodeMessage({ type: MessageType.goaway, body: goAway }));
  }
}
