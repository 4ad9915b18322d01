import type { MessageDefinition, MessageReader } from "../../protocol/mod.ts";
import type { ByteSink, UploadStorage } from "../../transfer/mod.ts";

/** What a handler may know of the client it serves. */
export interface SessionInfo {
  /** Unique among all sessions of all workers, and unguessable. */
  readonly id: string;
  /** The client's address, `HOST:PORT`. */
  readonly peer: string;
  /** When it connected, in milliseconds since 1970-01-01 UTC. */
  readonly since: number;
  /** Name and version of the client program, as it says itself. */
  readonly agent: string | undefined;
  /** Resolves when it has ended. */
  readonly over: Promise<void>;
}

/** Where a handler stores files. */
export interface Storage extends UploadStorage {
  /** In whose name uploads without an id are staged; see `StagedFile.create`. */
  readonly owner: string;
}

/** One request, and the means to answer it: exactly once, with one of the `reply` methods. */
export interface Exchange<Response = unknown> {
  /**
   * The body, a map. Its fields are still unchecked. Byte arrays share memory with those of other
   * requests: copy one that is kept for long, or it keeps a quarter of a megabyte.
   */
  readonly body: unknown;
  /** The raw bytes that follow the body, if the request has any. */
  readonly data: MessageReader | undefined;
  readonly session: SessionInfo;
  readonly storage: Storage;
  /** Aborts when the request's stream, its connection or the worker ends: for waits on other things. */
  readonly signal: AbortSignal;

  /**
   * Answers.
   *
   * @returns Resolves when the client has the answer; there is no need to wait for it.
   * @throws {ProtocolError} `body-too-large`.
   */
  reply(body: Response): Promise<void>;

  /**
   * Answers with raw bytes behind the body.
   *
   * @returns Where the bytes are sent to. They end with a `fin`, or when the handler is done.
   * @throws {ProtocolError} `body-too-large`.
   */
  replyWithData(body: Response): ByteSink;

  /** Counts a file transfer as being under way, until it is disposed of. */
  beginTransfer(): Disposable;
}

/** Serves the requests of one message type. */
export interface MessageHandler {
  /** Message type, 0 to 65535; 0x8000 and above are free for one's own. */
  readonly type: number;
  /** For people and logs: `file.put`. */
  readonly name: string;

  /**
   * Serves one request. Many may be served at the same time.
   *
   * What it throws becomes an error answer if it has a code of the protocol, else the answer
   * `internal` and a line in the log; it costs that request, and nothing more.
   */
  handle(exchange: Exchange): Promise<void>;

  /**
   * Serves one request without raw bytes that has come as a whole, where nothing has to be waited for: as
   * {@linkcode handle}, at a fraction of the cost. Such a request is not for `handle` then.
   *
   * @param body Of the request, a map. Its fields are still unchecked.
   * @returns The answer's body.
   */
  answer?(body: unknown): unknown;
}

/**
 * The handler of the requests that `message` defines.
 *
 * @param serve Serves one request, whose body has been checked; see {@linkcode MessageHandler.handle}.
 * @param answer Serves one that has come as a whole, and without raw bytes, at once; see
 * {@linkcode MessageHandler.answer}.
 *
 * @example Serve, and ask for, a message of one's own
 * ```ts
 * import {
 *   builtinHandlers,
 *   connect,
 *   defineHandler,
 *   fieldsOf,
 *   FIRST_CUSTOM_TYPE,
 *   HandlerRegistry,
 *   type MessageDefinition,
 *   openStorageRoot,
 *   Server,
 *   textField,
 *   uploadOwner,
 * } from "../../mod.ts";
 *
 * interface Text {
 *   text: string;
 * }
 *
 * const parseText = (body: unknown) => ({ text: textField(fieldsOf(body), "text", 1000) });
 *
 * // Client and server share this.
 * const shout: MessageDefinition<Text, Text> = {
 *   type: FIRST_CUSTOM_TYPE,
 *   name: "example.shout",
 *   right: "use",
 *   parseRequest: parseText,
 *   parseResponse: parseText,
 * };
 *
 * const shouting = defineHandler(shout, async ({ text }, exchange) => {
 *   await exchange.reply({ text: text.toUpperCase() });
 * });
 *
 * await using server = await Server.start({
 *   address: { hostname: "127.0.0.1", port: 0 },
 *   certificateFile: "server.pem",
 *   privateKeyFile: "server.key",
 *   token: "open sesame",
 *   storage: { ...await openStorageRoot("./storage"), owner: uploadOwner() },
 *   handlers: new HandlerRegistry([...builtinHandlers(), shouting]),
 * });
 *
 * const { port } = server.address;
 * await using client = await connect({
 *   server: `127.0.0.1:${port}`,
 *   token: "open sesame",
 *   caFile: "server.pem",
 * });
 * const { text } = await client.call(shout, { text: "hello" });
 * if (text !== "HELLO") throw new Error(text);
 * ```
 */
export function defineHandler<Request, Response>(
  message: MessageDefinition<Request, Response>,
  serve: (request: Request, exchange: Exchange<Response>) => Promise<void>,
  answer?: (request: Request) => Response,
): MessageHandler {
  const { type, name } = message;
  return {
    type,
    name,
    ...(answer === undefined ? {} : { answer: (body) => answer(message.parseRequest(body)) }),
    handle(exchange) {
      try {
        return serve(message.parseRequest(exchange.body), exchange);
      } catch (error) {
        return Promise.reject(error);
      }
    },
  };
}
