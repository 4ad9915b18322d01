import type {
  DataAnswer,
  HandlerContext,
  MessageHandler,
  SessionInfo,
  SubscribeOptions,
} from "../../handlers/messages/mod.ts";
import { ByteSlab, StreamAbortedError } from "../../ffi/mod.ts";
import {
  ApplicationError,
  encodeAnswer,
  Flags,
  type Message,
  type MessageReader,
  ProtocolError,
  type ServerEvent,
  WIRE_ERRORS,
} from "../../protocol/mod.ts";
import { BasicContext, type ContextServices } from "./basic_context.ts";
import type { RequestStream } from "./request_stream.ts";
import { sendSequence } from "./sequence.ts";

const answers = new ByteSlab();
const allocate = (length: number) => answers.take(length);

/** What a context is made of. */
export interface RequestContextOptions {
  handler: MessageHandler;
  message: Message;
  /** Where raw bytes behind the message are read from. */
  reader: MessageReader;
  stream: RequestStream;
  session: SessionInfo;
  services: ContextServices;
}

/** A request on a stream of its own, as its handler sees it. */
export class RequestContext extends BasicContext implements HandlerContext {
  readonly #reader: MessageReader;
  readonly #stream: RequestStream;
  #lastSend: Promise<void> | undefined;
  #finished = false;
  /** Why nothing is answered any more by the handler. */
  #over: unknown;
  #controller: AbortController | undefined;
  /** For the dispatcher: when the answer is late, on the clock of `performance`. */
  lateAt = Infinity;

  constructor({ handler, message, session, services, reader, stream }: RequestContextOptions) {
    super(handler, message, session, services);
    this.#reader = reader;
    this.#stream = stream;
  }

  get data(): MessageReader | undefined {
    return (this.message.flags & Flags.data) !== 0 ? this.#reader : undefined;
  }

  get remainingMs(): number {
    return Math.max(0, this.lateAt - performance.now());
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

  /** Whether an error can still be told: before the answer, and behind each message of a sequence. */
  get mayFail(): boolean {
    return !this.begun || this.handler.sequence === true;
  }

  /** Whether all of the answer has been sent. */
  get finished(): boolean {
    return this.#finished;
  }

  /** Resolves when the client has what was sent last. */
  get arrived(): Promise<void> {
    return this.#lastSend ?? Promise.resolve();
  }

  replyWithData(body: unknown): DataAnswer {
    void this.#answer(body, Flags.data);
    const stream = this.#stream;
    return {
      isAnswer: true,
      send: (data, options) => {
        if (this.#over === undefined) return this.#send(data, options?.fin ?? false);
        return Promise.reject(this.#over);
      },
      abort: (errorCode) => stream.abort(errorCode),
      get idealBytes() {
        return stream.idealBytes ?? 0;
      },
      get roundTripMs() {
        return stream.roundTripMs;
      },
    };
  }

  subscribe(
    topics: readonly string[],
    options?: SubscribeOptions,
  ): AsyncIterableIterator<ServerEvent> {
    return this.events.subscribe(topics, this.signal, options);
  }

  protected withdraw(): void {
    this.#stream.abort(ApplicationError.withdrawn);
  }

  /**
   * For the dispatcher: has the signal abort when the answer is late, if it is not disposed of before.
   *
   * @param ms How long it may have taken by then, in milliseconds.
   */
  limit(ms: number): Disposable {
    const controller = this.#controller ??= this.#followStream();
    const late = () => {
      const message = `${WIRE_ERRORS["deadline-exceeded"]}: ${ms} ms`;
      controller.abort(new ProtocolError("deadline-exceeded", message));
    };
    const timer = setTimeout(late, this.remainingMs);
    return { [Symbol.dispose]: () => clearTimeout(timer) };
  }

  /** For the dispatcher: what the handler answers from now on is lost. */
  abandon(reason: unknown): void {
    this.#over ??= reason ?? new Error("Request is over");
  }

  /**
   * For the dispatcher: answers with what the handler has returned, and waits until the client has the whole
   * answer.
   *
   * @param returned See {@linkcode MessageHandler.handle}.
   * @throws {Error} The handler has not answered, or not as it is to.
   */
  async complete(returned: unknown): Promise<void> {
    const answer = returned instanceof Promise ? await returned : returned;
    if (this.#over !== undefined) throw this.#over;
    // What a handler says because it is late is no answer any more.
    this.#controller?.signal.throwIfAborted();
    if (this.handler.sequence === true) return await this.#answerAll(answer);
    if (!this.begun) {
      if (answer === undefined) throw new Error("Handler has ended without an answer");
      await this.#answer(answer, 0);
    } else if (this.#finished) await this.#lastSend;
    else await this.#stream.finish();
    this.#finished = true;
  }

  #answer(body: unknown, flags: number): Promise<void> {
    if (this.#over !== undefined) throw this.#over;
    if (this.begun) throw new Error("Cannot answer a request twice");
    const { type } = this.message;
    this.handler.checkAnswer?.(body);
    return this.#send(encodeAnswer(type, body, flags, allocate), flags === 0);
  }

  async #answerAll(bodies: unknown): Promise<void> {
    const { type } = this.message;
    await sendSequence(bodies, this.signal, (body) => {
      if (this.#over !== undefined) throw this.#over;
      this.handler.checkAnswer?.(body);
      const bytes = encodeAnswer(type, body, 0, allocate);
      return { length: bytes.length, sent: this.#send(bytes, false) };
    });
    this.signal.throwIfAborted();
    this.#finished = true;
    await this.#stream.finish();
  }

  #send(data: Uint8Array, fin: boolean): Promise<void> {
    const sent = this.#stream.send(data, { fin });
    this.#lastSend = sent;
    this.#finished ||= fin;
    return sent;
  }

  #followStream(): AbortController {
    const controller = new AbortController();
    this.#stream.closed.then(() =>
      controller.abort(new StreamAbortedError("Stream is over", ApplicationError.none))
    );
    return controller;
  }
}
