import { copyInto } from "../base/mod.ts";
import {
  type BlockedTimes,
  ByteSlab,
  type ConnectionStatistics,
  StreamAbortedError,
} from "../ffi/mod.ts";
import {
  ApplicationError,
  type ByteSource,
  encodeMessage,
  Flags,
  type Message,
  type MessageDefinition,
  MessageReader,
  type OutgoingMessage,
  ProtocolError,
  RemoteError,
  WIRE_ERRORS,
} from "../protocol/mod.ts";
import type { Compressing } from "./compressing.ts";
import type { Pacer } from "./pacer.ts";

const frames = new ByteSlab();
const answers = new ByteSlab();

/** What a request needs of a bidirectional stream; ffi's `Stream` fits. */
export interface RequestStream extends ByteSource {
  send(data: Uint8Array, options?: { fin?: boolean }): Promise<void>;
  /** How many bytes it takes to have under way for the path to be full; 0 if it is not known. */
  readonly idealBytes?: number;
  /** The shortest round trip that was seen on the path, in milliseconds; `undefined`: it is not known. */
  readonly roundTripMs?: number | undefined;
  abort(errorCode?: number): void;
  close(): Promise<void>;
  /** For how long what is sent has had to wait so far. */
  readonly blocked?: BlockedTimes | undefined;
}

/** What a request needs of a connection; ffi's `Connection` fits. */
export interface StreamOpener {
  openStream(options?: { signal?: AbortSignal }): Promise<RequestStream>;
  /** What is known of the path. @throws {ConnectionEndedError} */
  statistics?(): ConnectionStatistics | undefined;
  /** How the bytes of files are compressed on it; `undefined`: not at all. */
  readonly compressing?: Compressing | undefined;
  /** The transfer has come further: it is not what its server dies of, if that does. */
  advance?(): void;
  /** By which it goes no faster than the client wants, if it does. */
  readonly pacer?: Pacer | undefined;
}

/** What every request takes. */
export interface RequestOptions {
  /** Cancels the request, which then rejects with the signal's reason. */
  signal?: AbortSignal;
}

/** What asking takes of a message's definition. */
export type Question<Request, Response> = Pick<
  MessageDefinition<Request, Response>,
  "type" | "parseRequest" | "parseResponse"
>;

/** A message to the server. */
export interface Outgoing<Request> {
  message: Question<Request, unknown>;
  /** A map. */
  body: NoInfer<Request>;
  /** Whether raw bytes follow, to be sent through {@linkcode Exchange.sink}; or all of them, to be sent at once. */
  data?: boolean | readonly Uint8Array[];
}

/** One request and its answer, on a stream of their own. */
export interface Exchange {
  /** Where raw bytes are sent to, after the message. */
  readonly sink: Pick<RequestStream, "send" | "abort" | "blocked" | "idealBytes" | "roundTripMs">;
  /**
   * The server's answer, which may come before everything was sent.
   *
   * @throws {RemoteError} The server refuses.
   */
  readonly answer: Promise<Message>;
  /** Where the answer's raw bytes are read from, and its end is checked. */
  readonly reader: MessageReader;
}

/** One request on a stream of its own, before anything is known of its answer. */
export interface Asked {
  /** Where raw bytes are sent to, after the message. */
  readonly sink: Exchange["sink"];
  /** Where answers are read from. */
  readonly reader: MessageReader;
}

/**
 * Sends a message on a new stream, lets `run` do the rest, and closes the stream, whatever happens.
 *
 * @throws The signal's reason when it aborts.
 */
export async function request<Request, Result>(
  opener: StreamOpener,
  outgoing: Outgoing<Request>,
  options: RequestOptions,
  run: (asked: Asked) => Promise<Result>,
): Promise<Result> {
  const { signal } = options;
  const { message: { type }, body, data = false } = outgoing;
  const frame = encode({ type, flags: data === false ? 0 : Flags.data, body }, data);
  signal?.throwIfAborted();
  const stream = await opener.openStream(options);
  const cancel = () => stream.abort(ApplicationError.cancelled);
  if (signal?.aborted) cancel();
  else signal?.addEventListener("abort", cancel, { once: true });
  const reader = new MessageReader(stream, (length) => answers.take(length));
  const sent = stream.send(frame, { fin: data !== true });
  // A refusal says more than the failure of sending it may cause.
  sent.catch(() => {});
  try {
    return await run({ sink: stream, reader });
  } catch (error) {
    stream.abort(ApplicationError.cancelled);
    // What an abort makes fail is its consequence, not the reason.
    signal?.throwIfAborted();
    throw told(error);
  } finally {
    signal?.removeEventListener("abort", cancel);
    await stream.close();
  }
}

/** What a server says by how it ends a stream: its operator has cancelled it, or its file is not what it was. */
function told(error: unknown): unknown {
  if (!(error instanceof StreamAbortedError)) return error;
  const { withdrawn, damaged } = ApplicationError;
  const code = error.errorCode === withdrawn
    ? "transfer-cancelled"
    : error.errorCode === damaged
    ? "damaged"
    : undefined;
  return code === undefined ? error : new RemoteError(code, WIRE_ERRORS[code]);
}

/** As {@linkcode request}, for a message that has one answer. */
export function exchange<Request, Result>(
  opener: StreamOpener,
  outgoing: Outgoing<Request>,
  options: RequestOptions,
  run: (exchange: Exchange) => Promise<Result>,
): Promise<Result> {
  const { type } = outgoing.message;
  return request(opener, outgoing, options, ({ sink, reader }) => {
    const answer = reader.readMessage().then((answer) => checkAnswer(answer, type));
    answer.catch(() => {}); // it is looked at in its turn
    return run({ sink, answer, reader });
  });
}

/** A message of which only the type is known. */
export function unchecked(type: number): Question<unknown, unknown> {
  return { type, parseRequest: (body) => body, parseResponse: (body) => body };
}

/**
 * Sends a request and returns the body of its answer, neither of them with raw bytes.
 *
 * @throws {ProtocolError} `bad-body`: the answer is not what the definition says.
 */
export function ask<Request, Response>(
  opener: StreamOpener,
  message: Question<Request, Response>,
  body: NoInfer<Request>,
  options: RequestOptions = {},
): Promise<Response> {
  return exchange(opener, { message, body }, options, async ({ answer, reader }) => {
    const { body } = await answer;
    await reader.expectEnd();
    return message.parseResponse(body);
  });
}

/** A message, and behind it the raw bytes that are there already. */
function encode(message: OutgoingMessage, data: boolean | readonly Uint8Array[]): Uint8Array {
  if (typeof data === "boolean") return encodeMessage(message, (length) => frames.take(length));
  let bytes = new Uint8Array();
  const dataLength = data.reduce((sum, { length }) => sum + length, 0);
  let at = 0;
  encodeMessage(message, (length) => {
    bytes = new Uint8Array(length + dataLength);
    at = length;
    return bytes.subarray(0, length);
  });
  copyInto(bytes, data, at);
  return bytes;
}

/** @throws {RemoteError} It is a refusal. @throws {ProtocolError} `bad-frame`: it is no answer. */
export function checkAnswer(answer: Message, type: number): Message {
  if ((answer.flags & Flags.response) === 0 || answer.type !== type) {
    throw new ProtocolError(
      "bad-frame",
      `Server answered request type ${type} with message type ${answer.type}`,
    );
  }
  if ((answer.flags & Flags.error) !== 0) throw RemoteError.from(answer.body);
  return answer;
}
