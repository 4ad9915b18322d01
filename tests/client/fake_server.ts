import type { RequestStream, StreamOpener } from "../../client/exchange.ts";
import { StreamAbortedError } from "../../ffi/mod.ts";
import { type Message, MessageReader } from "../../protocol/mod.ts";

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
    if (this.#error !== undefined || (this.#ended && this.#chunks.length === 0)) return;
    this.#error = new StreamAbortedError(`Stream reset with code ${code}`, code);
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
      if (!(error instanceof StreamAbortedError)) throw error;
    }
  }
}
