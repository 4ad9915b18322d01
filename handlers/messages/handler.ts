import type { getLogger } from "@logtape/logtape";
import type { Scope } from "../../base/scopes.ts";
import {
  FIRST_CUSTOM_TYPE,
  type MessageDefinition,
  type MessageReader,
  type NeededRights,
  type SequenceDefinition,
  type ServerEvent,
} from "../../protocol/mod.ts";
import type {
  ByteSink,
  FileStorage,
  SendBudget,
  UploadPlaces,
  UploadStorage,
} from "../../transfer/mod.ts";
import type { Tasks } from "../../tasks/tasks.ts";
import { type AnswerCheck, answerCheckOf } from "./answer_check.ts";

/**
 * What has let a client in: the token of the first start, another token, a certificate, or that some things
 * are allowed to everybody. A `stranger` is not let in yet, and `manager` is the worker's own.
 */
export type IdentityKind =
  | "owner"
  | "token"
  | "certificate"
  | "anonymous"
  | "stranger"
  | "manager";

/** Who a client is, and what it may do. */
export interface ClientIdentity {
  readonly kind: IdentityKind;
  /** The token's name, or the certificate's; that of the kind where there is only one. */
  readonly name: string;
  /** What was granted. */
  readonly scopes: readonly Scope[];
  /** The directory below which the names of files have to be that it uses; `undefined` for everywhere. */
  readonly prefix: string | undefined;
  /** When that ends, in milliseconds since 1970-01-01 UTC; `undefined` if it does not. */
  readonly expiresAt: number | undefined;

  /** Whether it may do something: `admin` allows all, and `call:*` each `call:NAME`. */
  allows(scope: Scope): boolean;

  /**
   * Refuses what it may not do.
   *
   * @param scope What that takes.
   * @param action What it is, for the message: `replacing files`.
   * @throws {ProtocolError} `permission-denied`, with the name of the right that is missing.
   */
  check(scope: Scope, action: string): void;

  /** Whether it may use a stored file, or a directory, of that name at all. */
  mayName(name: string): boolean;

  /** Refuses what it may not use. @throws {ProtocolError} `permission-denied`. */
  checkName(name: string): void;
}

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
  /** Who it is, and what it may do. */
  readonly identity: ClientIdentity;
  /** Resolves when it has ended. */
  readonly over: Promise<void>;
}

/** The directory that a server keeps files in. */
export interface Storage extends UploadStorage {
  /** In whose name uploads without an id are staged; see `StagedFile.create`. */
  readonly owner: string;
}

/** Where a handler sends raw bytes to, behind the body of its answer; it returns this as its answer. */
export interface DataAnswer extends ByteSink {
  readonly isAnswer: true;
}

/** What there is to know of a transfer. Anything may be left out. */
export interface TransferDetails {
  /** `up` is to the server. */
  readonly direction?: "up" | "down";
  /** Of the whole file, in bytes. */
  readonly size?: number;
  /** Where it goes on from, in bytes; 0 by default. */
  readonly start?: number;
  /** Its id, of hexadecimal digits, which stays the same when it goes on later; made up by default. */
  readonly id?: () => string;
  /** Ends it since the operator wants it ended, for this reason; by default, the request's stream is reset. */
  readonly cancel?: (reason: Error) => void;
}

/** A transfer, until it is disposed of. */
export interface TransferUnderWay extends Disposable {
  /** It has come so far in the file, in bytes from its start. */
  progress(offset: number): void;
  /** From now on it cannot be cancelled any more: it is as good as done. */
  settle(): void;
}

/** What a handler knows of the request that it serves, and what it may use. */
export interface HandlerContext<Response = unknown> {
  /**
   * The body, a map. Its fields are still unchecked. Byte arrays share memory with those of other
   * requests: copy one that is kept for long, or it keeps a quarter of a megabyte.
   */
  readonly body: unknown;
  /** The raw bytes that follow the body, if the request has any. */
  readonly data: MessageReader | undefined;
  readonly session: SessionInfo;
  /** The files of the server. */
  readonly files: FileStorage;
  /** The directory that they are in. */
  readonly storage: Storage;
  /** Whose turn it is to send a file, and with how much memory. */
  readonly downloads: SendBudget;
  /** Where an upload takes its place among those at once. */
  readonly uploads: UploadPlaces;
  /** Has done by another thread what would hold up all other requests. */
  readonly tasks: Tasks;
  /** Writes to the worker's log, under the category `msquicd`, `handlers`, and the handler's name. */
  readonly logger: HandlerLogger;
  /** How long the answer may still take, in milliseconds: 0 when it is late; `Infinity` without a limit. */
  readonly remainingMs: number;
  /**
   * Aborts when the request's stream, its connection or the worker ends, or its deadline is over: for
   * waits on other things. What a handler answers after that is lost.
   */
  readonly signal: AbortSignal;

  /**
   * Answers with raw bytes behind the body. What a handler returns in that case is what this returns.
   *
   * @returns Where the bytes are sent to. They end with a `fin`, or when the handler is done.
   * @throws {ProtocolError} `body-too-large`.
   */
  replyWithData(body: Response): DataAnswer;

  /**
   * Tells those who have subscribed to a topic, at any worker of the instance, what has happened. Nobody waits
   * for them.
   *
   * @param topic Words of lower-case letters, digits, `_` and `-` with dots between them, at most 128
   * characters, of which the first is none of `session`, `transfer` and `events`.
   * @param body A map of up to 16,384 bytes.
   * @throws {TypeError} The topic or the body is not like that.
   */
  publish(topic: string, body: Record<string, unknown>): void;

  /**
   * What happens from now on at this worker, and at the others of its instance, until the request is over or
   * the worker leaves. Who is slow loses the oldest of more than 256 events, and is told how many (`lost` of
   * the next one), those that got lost between workers with them. Events of one worker come in their order.
   *
   * @param topics Topics like `session.opened`, `session.*` for all below one, or `*`.
   */
  subscribe(
    topics: readonly string[],
    options?: SubscribeOptions,
  ): AsyncIterableIterator<ServerEvent>;

  /**
   * Writes down, for whoever keeps an audit, that one of several things was changed, or why it was not. That a
   * request was served whose message takes the right `write` or `delete` is written down anyway.
   *
   * @param event What was done, as in `file.put`.
   * @param target To what.
   * @param error What was thrown instead.
   */
  auditChange(event: string, target: string, error?: unknown): void;

  /**
   * Counts a file transfer as being under way, until it is disposed of, and shows it to the operator, who may
   * cancel it.
   *
   * @param name The stored file's, for those who look at transfers.
   * @param details What else there is to know of it.
   */
  beginTransfer(name?: string, details?: TransferDetails): TransferUnderWay;
}

/** To which events to subscribe. */
export interface SubscribeOptions {
  /** Only to those of this worker; by default to those of all workers of the instance. */
  readonly here?: boolean;
}

/** What writes to the log. */
export type HandlerLogger = ReturnType<typeof getLogger>;

/** What a handler of one message may answer: a body, or where raw bytes behind one were sent. */
export type Answer<Response> = Response | DataAnswer;

/** How a handler is to be served. */
export interface HandlerOptions {
  /** How long a request may take, in milliseconds. */
  readonly deadlineMs?: number;
  /** How many requests there may be at once in one worker. */
  readonly maxRequests?: number;
  /**
   * Whether a request without raw bytes is answered without waiting for anything, so that the handler returns
   * no promise then. Where such a request has come as a whole, it is served in the moment it comes, at a
   * fraction of the cost; it is bound by no deadline or number.
   */
  readonly atOnce?: boolean;
  /**
   * Whether requests may come in datagrams (RFC 9221), and are answered with one; either gets lost where a
   * stream would send it again. For handlers of `atOnce` alone.
   */
  readonly datagrams?: boolean;
  /**
   * Whether what it answers is compared with what its message says, which is so by default; an answer that is
   * wrong costs its request, as `internal`, with a line in the log. A few fields take 0.1 to 0.3 µs, a list of
   * twenty small objects 2 to 7.
   */
  readonly checkAnswers?: boolean;
}

/** Serves the requests of one message type. */
export interface MessageHandler {
  /** Message type, 0 to 65535; 0x8000 and above are free for one's own. */
  readonly type: number;
  /** For people and logs: `file.put`. */
  readonly name: string;
  /** What a client must be allowed to do; for a message of one's own, besides `call:TYPE`. */
  readonly right: NeededRights;
  /** Whether it answers with a sequence of messages. */
  readonly sequence?: boolean;
  /** See {@linkcode HandlerOptions.atOnce}. */
  readonly atOnce?: boolean;
  /** See {@linkcode HandlerOptions.datagrams}. */
  readonly datagrams?: boolean;
  /** Throws where an answer's body is not what it has to be; of one's own messages only. */
  readonly checkAnswer?: AnswerCheck;
  /** Other bounds than those that the server has for handlers of one's own. */
  readonly limits?: Pick<HandlerOptions, "deadlineMs" | "maxRequests">;

  /**
   * Serves one request. Many may be served at the same time.
   *
   * What it throws becomes an error answer if it has a code of the protocol, else the answer
   * `internal` and a line in the log; it costs that request, and nothing more.
   *
   * @returns The body of the answer, what {@linkcode HandlerContext.replyWithData} has returned, or, for a
   * sequence, an async iterable of bodies; or a promise of that. Bodies are sent no faster than the client
   * takes them.
   */
  handle(context: HandlerContext): unknown;
}

/**
 * The handler of the requests that `message` defines.
 *
 * @param serve Serves one request, whose body has been checked; see {@linkcode MessageHandler.handle}.
 * @param options How it is to be served, where not as others are.
 *
 * @example Serve, and ask for, a message of one's own
 * ```ts
 * import {
 *   builtinHandlers,
 *   connect,
 *   defineHandler,
 *   defineMessage,
 *   FIRST_CUSTOM_TYPE,
 *   HandlerRegistry,
 *   openStorageRoot,
 *   Server,
 *   uploadOwner,
 * } from "../../mod.ts";
 * import * as v from "valibot";
 *
 * // Client and server share this.
 * const body = v.object({ text: v.pipe(v.string(), v.maxLength(1000)) });
 * const shout = defineMessage({
 *   type: FIRST_CUSTOM_TYPE,
 *   name: "example.shout",
 *   request: body,
 *   response: body,
 * });
 *
 * const shouting = defineHandler(shout, ({ text }) => ({ text: text.toUpperCase() }));
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
  serve: (
    request: Request,
    context: HandlerContext<Response>,
  ) => Answer<Response> | Promise<Answer<Response>>,
  options?: HandlerOptions,
): MessageHandler;
export function defineHandler<Request, Response>(
  message: SequenceDefinition<Request, Response>,
  serve: (
    request: Request,
    context: HandlerContext<Response>,
  ) => AsyncIterable<Response> | Promise<AsyncIterable<Response>>,
  options?: HandlerOptions,
): MessageHandler;
export function defineHandler(
  message: MessageDefinition<unknown, unknown> | SequenceDefinition<unknown, unknown>,
  serve: (request: unknown, context: HandlerContext) => unknown,
  options: HandlerOptions = {},
): MessageHandler {
  const { type, name, right, sequence = false, names } = message;
  const { atOnce = false, datagrams = false, checkAnswers = true, ...limits } = options;
  const checks = checkAnswers && type >= FIRST_CUSTOM_TYPE;
  return {
    ...{ type, name, right, sequence, atOnce, datagrams },
    ...(checks ? { checkAnswer: answerCheckOf(message) } : {}),
    ...(Object.keys(limits).length === 0 ? {} : { limits }),
    handle(context) {
      const request = message.parseRequest(context.body);
      const { identity } = context.session;
      if (names !== undefined && identity.prefix !== undefined) {
        for (const one of names(request)) identity.checkName(one);
      }
      return serve(request, context);
    },
  };
}
