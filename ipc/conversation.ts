import type { Channel } from "./channel.ts";
import { encodeEnvelope, type Envelope, envelopeOf, MAX_DEADLINE_MS } from "./envelope.ts";
import {
  ChannelClosedError,
  MessageTooLargeError,
  PeerReplacedError,
  RequestFailedError,
  SegmentCorruptError,
} from "./errors.ts";
import { MessageQueue } from "./message_queue.ts";
import { parseRecord } from "./messages.ts";
import { PendingRequests } from "./pending_requests.ts";
import { type RequestHandlers, RequestServer } from "./request_server.ts";
import type { RequestChecks, RequestTypes } from "./requests.ts";

/** How long an answer is waited for by default, in milliseconds. */
const DEFAULT_DEADLINE_MS = 5000;

/** Of one request. */
export interface RequestOptions {
  /** Gives the request up: the other side is told, and the promise rejects with the signal's reason. */
  signal?: AbortSignal;
  /** How long to wait for the answer, in whole milliseconds from 1; 5000 by default. */
  deadlineMs?: number;
}

export interface ConversationOptions<
  Message,
  Asked extends RequestTypes<Asked>,
  Answered extends RequestTypes<Answered>,
> {
  channel: Channel;
  /** Checks a one-way message of the other side. @throws {SegmentCorruptError} */
  message(value: unknown): Message;
  /** Whether a message, overtakes those that are not urgent. */
  isUrgent: (message: NoInfer<Message>) => boolean;
  /** How the answers of the other side are checked. */
  asked: RequestChecks<Asked>;
  /** How the requests of the other side are checked. */
  answered: RequestChecks<Answered>;
  /** Is told once when something in the segment makes no sense. */
  onCorrupt(): void;
}

/**
 * What two processes say to each other over a channel: one-way messages, and requests with answers
 * in both directions.
 *
 * The rings are read from the first use on. Requests and answers are taken up at once; one-way
 * messages wait until they are iterated over, and when too many do, nothing more is read.
 */
export class Conversation<
  Message,
  Asked extends RequestTypes<Asked>,
  Answered extends RequestTypes<Answered>,
> implements Disposable {
  readonly #options: ConversationOptions<Message, Asked, Answered>;
  readonly #channel: Channel;
  readonly #messages = new MessageQueue<Message>();
  readonly #pending = new PendingRequests();
  readonly #server: RequestServer<Answered>;
  #reading: Promise<void> | undefined;
  #failure: Error | undefined;

  constructor(options: ConversationOptions<Message, Asked, Answered>) {
    this.#options = options;
    this.#channel = options.channel;
    this.#server = new RequestServer(options.answered, (answer) => this.#answer(answer));
  }

  /** Sends the record of a one-way message. See `Channel.send`. */
  async send(record: Uint8Array, urgent: boolean): Promise<void> {
    try {
      await this.#channel.send(record, { urgent });
    } catch (error) {
      throw this.#noticed(error);
    }
  }

  /** The other side's one-way messages, urgent ones first. */
  messages(signal: AbortSignal | undefined): AsyncGenerator<Message, void, void> {
    this.#read();
    return this.#messages.iterate(signal, () => this.#takeUrgent());
  }

  /**
   * What the other side, which has ended, said last and nobody has iterated over. As far as it makes sense;
   * its requests are nobody's any more.
   */
  lastMessages(): Message[] {
    try {
      for (let record = this.#channel.take(); record !== null; record = this.#channel.take()) {
        const value = parseRecord(record);
        if (envelopeOf(value) === null) this.#takeMessage(value);
      }
    } catch (error) {
      this.#noticed(error);
    }
    return this.#messages.drain();
  }

  /** Answers requests with these handlers. */
  serve(handlers: RequestHandlers<Answered>): void {
    this.#server.serve(handlers);
    this.#read();
  }

  /** Asks the other side. */
  async request<Name extends keyof Asked & string>(
    name: Name,
    params: Asked[Name]["params"],
    { signal, deadlineMs = DEFAULT_DEADLINE_MS }: RequestOptions,
  ): Promise<Asked[Name]["answer"]> {
    checkDeadline(name, deadlineMs);
    signal?.throwIfAborted();
    if (this.#failure) throw this.#failure;
    let sent = false;
    const { id, answer, over } = this.#pending.add({
      name,
      deadlineMs,
      signal,
      onGivenUp: (id) => {
        if (sent) this.#cancel(id);
      },
    });
    this.#read();
    const record = encodeEnvelope({ type: "request", id, name, deadlineMs, params });
    this.#channel.send(record, { signal: over }).then(
      () => sent = true,
      (error) => this.#pending.reject(id, this.#noticed(error)),
    );
    try {
      return this.#options.asked[name].answer(await answer);
    } catch (error) {
      throw this.#noticed(error);
    }
  }

  /** Goes on when another process has taken the other side's place: nothing is owed to the one before. */
  acceptSuccessors(): void {
    this.#channel.acceptSuccessors(() => {
      const replaced = new PeerReplacedError();
      this.#server.beginAnew(replaced);
      this.#pending.rejectAll(replaced);
    });
  }

  /** Ends everything: what is waited for rejects with {@linkcode ChannelClosedError}. */
  [Symbol.dispose](): void {
    this.#end(new ChannelClosedError());
  }

  /** Resolves when nothing is read any more, after dispose. */
  async ended(): Promise<void> {
    await this.#reading;
  }

  #read(): void {
    if (!this.#failure) this.#reading ??= this.#readAll();
  }

  async #readAll(): Promise<void> {
    try {
      for await (const record of this.#channel.records()) {
        this.#take(record);
        await this.#messages.room();
      }
    } catch (error) {
      this.#fail(error);
    }
  }

  #takeUrgent(): void {
    try {
      for (;;) {
        const record = this.#channel.takeUrgent();
        if (record === null) return;
        this.#take(record);
      }
    } catch (error) {
      this.#fail(error);
    }
  }

  #take(record: Uint8Array): void {
    if (this.#failure) return;
    const value = parseRecord(record);
    const envelope = envelopeOf(value);
    if (envelope !== null) return this.#takeEnvelope(envelope);
    this.#takeMessage(value);
  }

  #takeMessage(value: unknown): void {
    const message = this.#options.message(value);
    this.#messages.push(message, this.#options.isUrgent(message));
  }

  #takeEnvelope(envelope: Envelope): void {
    switch (envelope.type) {
      case "request":
        return this.#server.take(envelope);
      case "cancel":
        return this.#server.cancel(envelope.id);
      case "answer":
        return this.#pending.resolve(envelope.id, envelope.value);
      case "error": {
        const { code, message } = envelope.error;
        return this.#pending.reject(envelope.id, new RequestFailedError(code, message));
      }
    }
  }

  async #answer(answer: Envelope): Promise<void> {
    try {
      await this.#channel.send(encodeEnvelope(answer));
    } catch (error) {
      if (error instanceof MessageTooLargeError) {
        const { code, message } = error;
        await this.#answer({ type: "error", id: answer.id, error: { code, message } });
      } else {
        this.#noticed(error);
      }
    }
  }

  // Without room it stays unsaid: the other side has been told the deadline.
  #cancel(id: number): void {
    try {
      this.#channel.trySendUrgent(encodeEnvelope({ type: "cancel", id }));
    } catch (error) {
      this.#noticed(error);
    }
  }

  #noticed(error: unknown): unknown {
    if (error instanceof SegmentCorruptError) this.#fail(error);
    return error;
  }

  #fail(error: unknown): void {
    const failure = error instanceof Error ? error : new Error(String(error));
    if (failure instanceof SegmentCorruptError) this.#options.onCorrupt();
    this.#end(failure);
  }

  #end(failure: Error): void {
    if (this.#failure) return;
    this.#failure = failure;
    this.#server.close();
    this.#pending.rejectAll(failure);
    this.#messages.end(failure instanceof ChannelClosedError ? {} : { error: failure });
  }
}

function checkDeadline(name: string, deadlineMs: number): void {
  if (Number.isInteger(deadlineMs) && deadlineMs >= 1 && deadlineMs <= MAX_DEADLINE_MS) return;
  throw new RangeError(
    `Cannot give request "${name}" ${deadlineMs} ms: an integer from 1 to ${MAX_DEADLINE_MS} is needed`,
  );
}
