import type { MessageReader } from "../../protocol/mod.ts";
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
export interface Exchange {
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
  reply(body: unknown): Promise<void>;

  /**
   * Answers with raw bytes behind the body.
   *
   * @returns Where the bytes are sent to. They end with a `fin`, or when the handler is done.
   * @throws {ProtocolError} `body-too-large`.
   */
  replyWithData(body: unknown): ByteSink;

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
}
