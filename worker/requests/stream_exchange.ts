import type { Exchange, SessionInfo, Storage } from "../../handlers/messages/mod.ts";
import { ByteSlab, StreamAbortedError } from "../../ffi/mod.ts";
import {
  ApplicationError,
  encodeAnswer,
  Flags,
  type Message,
  type MessageReader,
} from "../../protocol/mod.ts";
import type { ByteSink } from "../../transfer/mod.ts";
import type { RequestStream } from "./request_stream.ts";
import type { CounterSink } from "../transport.ts";

const answers = new ByteSlab();
const allocate = (length: number) => answers.take(length);

/** What an exchange is made of. */
export interface StreamExchangeOptions {
  message: Message;
  reader: MessageReader;
  stream: RequestStream;
  session: SessionInfo;
  storage: Storage;
  counters: CounterSink;
}

/** A request on a stream of its own, as its handler sees it. */
export class StreamExchange implements Exchange {
  readonly #options: StreamExchangeOptions;
  #lastSend: Promise<void> | undefined;
  #finished = false;
  #controller: AbortController | undefined;

  constructor(options: StreamExchangeOptions) {
    this.#options = options;
  }

  get body(): unknown {
    return this.#options.message.body;
  }

  get data(): MessageReader | undefined {
    const { message, reader } = this.#options;
    return (message.flags & Flags.data) !== 0 ? reader : undefined;
  }

  get session(): SessionInfo {
    return this.#options.session;
  }

  get storage(): Storage {
    return this.#options.storage;
  }

  get signal(): AbortSignal {
    // Few handlers ask for it, and it is not free.
    this.#controller ??= this.#followStream();
    return this.#controller.signal;
  }

  /** Whether a part of the answer, or all of it, has been sent. */
  get begun(): boolean {
    return this.#lastSend !== undefined;
  }

  /** Whether all of the answer has been sent. */
  get finished(): boolean {
    return this.#finished;
  }

  reply(body: unknown): Promise<void> {
    try {
      return this.#answer(body, 0);
    } catch (error) {
      return Promise.reject(error);
    }
  }

  replyWithData(body: unknown): ByteSink {
    void this.#answer(body, Flags.data);
    const { stream } = this.#options;
    return {
      send: (data, options) => this.#send(data, options?.fin ?? false),
      abort: (errorCode) => stream.abort(errorCode),
      get idealBytes() {
        return stream.idealBytes ?? 0;
      },
    };
  }

  beginTransfer(): Disposable {
    const { counters } = this.#options;
    counters.add("transfers", 1);
    counters.add("transfersTotal", 1);
    let under = true;
    return {
      [Symbol.dispose]() {
        if (under) counters.add("transfers", -1);
        under = false;
      },
    };
  }

  /**
   * For the dispatcher, when the handler is done: waits until the client has the whole answer.
   *
   * @throws {Error} The handler has not answered.
   */
  async complete(): Promise<void> {
    if (!this.begun) throw new Error("Handler has ended without an answer");
    if (this.#finished) await this.#lastSend;
    else await this.#options.stream.finish();
    this.#finished = true;
  }

  #answer(body: unknown, flags: number): Promise<void> {
    if (this.begun) throw new Error("Cannot answer a request twice");
    const { type } = this.#options.message;
    return this.#send(encodeAnswer(type, body, flags, allocate), flags === 0);
  }

  #send(data: Uint8Array, fin: boolean): Promise<void> {
    const sent = this.#options.stream.send(data, { fin });
    this.#lastSend = sent;
    this.#finished ||= fin;
    return sent;
  }

  #followStream(): AbortController {
    const controller = new AbortController();
    this.#options.stream.closed.then(() =>
      controller.abort(new StreamAbortedError("Stream is over", ApplicationError.none))
    );
    return controller;
  }
}
