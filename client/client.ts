import type { ConnectionEnd } from "../ffi/mod.ts";
import {
  type FileInfo,
  type HelloResponse,
  MessageType,
  parseFileInfo,
  parsePingResponse,
  RemoteError,
} from "../protocol/mod.ts";
import { echo, type EchoResult } from "./echo.ts";
import { ask, type RequestOptions, type StreamOpener } from "./exchange.ts";
import { get, type GetOptions, type GetResult } from "./get.ts";
import { list } from "./list.ts";
import { put, type PutOptions, type PutResult } from "./put.ts";

/** What a client needs of a connection; ffi's `Connection` fits. */
export interface ClientConnection extends StreamOpener {
  readonly ended: Promise<ConnectionEnd>;
}

/** What a {@linkcode Client} is made of. */
export interface ClientParts {
  connection: ClientConnection;
  /** The server's answer to the greeting. */
  hello: HelloResponse;
  /** The server, as `HOST:PORT`. */
  server: string;
  /** What is released when the client is closed, the connection among it. */
  resources: AsyncDisposable;
}

/** How a ping went. */
export interface PingResult {
  /** Milliseconds until the answer was there. */
  ms: number;
  /** The server's clock, in milliseconds since 1970-01-01 UTC. */
  time: number;
}

/**
 * A connection to one server. Requests may run side by side; each has a stream of its own.
 *
 * All of them reject with {@linkcode RemoteError} where the server refuses, with
 * `ConnectionEndedError` when the connection is lost, and with the signal's reason when it aborts.
 *
 * @example
 * ```ts ignore
 * await using client = await connect({ server: "127.0.0.1:4433", token, fingerprint });
 * await client.put("photo.jpg");
 * await client.get("photo.jpg", "copy.jpg");
 * ```
 */
export class Client implements AsyncDisposable {
  readonly #connection: ClientConnection;
  readonly #resources: AsyncDisposable;
  #closed: Promise<void> | undefined;

  /** The server, as `HOST:PORT`. */
  readonly server: string;
  /** The server's name for this connection's session. */
  readonly session: string;
  /** Name and version of the server program. */
  readonly serverAgent: string;

  /** Use {@linkcode connect} to get a client. */
  constructor({ connection, hello, server, resources }: ClientParts) {
    this.#connection = connection;
    this.#resources = resources;
    this.server = server;
    this.session = hello.session;
    this.serverAgent = hello.server;
  }

  /** Resolves when the connection is over, with the reason. */
  get ended(): Promise<ConnectionEnd> {
    return this.#connection.ended;
  }

  /** Measures how long the server takes to answer. */
  async ping(options?: RequestOptions): Promise<PingResult> {
    const start = performance.now();
    const body = await ask(this.#connection, MessageType.ping, {}, options);
    return { ms: performance.now() - start, ...parsePingResponse(body) };
  }

  /** Sends a body, and bytes, and gets both back. */
  echo(
    body: Record<string, unknown>,
    data: Uint8Array = new Uint8Array(),
    options: RequestOptions = {},
  ): Promise<EchoResult> {
    return echo(this.#connection, body, data, options);
  }

  /**
   * Stores a file.
   *
   * @param source A local file's path, or the bytes themselves.
   * @param name Its name on the server; for a path, by default its last part.
   * @throws {LocalFileError} The source is no file that can be read.
   * @throws {InvalidNameError} The name is not allowed.
   */
  async put(
    source: string | Uint8Array,
    name?: string,
    options: PutOptions = {},
  ): Promise<PutResult> {
    const subject = name ?? (typeof source === "string" ? source : "");
    const moved = put(this.#connection, source, name, options);
    return { ...await this.#about("store", subject, moved), server: this.server };
  }

  /**
   * Fetches a file, which appears under its own name, whole and verified, or not at all.
   *
   * @param destination Path of the file to write; by default the last part of the name, in the current directory.
   * @throws {InvalidNameError} The name is not allowed.
   * @throws {FileExistsError} The destination exists, and the options do not allow to replace it.
   */
  async get(name: string, destination?: string, options: GetOptions = {}): Promise<GetResult> {
    const moved = get(this.#connection, name, destination, options);
    return { ...await this.#about("fetch", name, moved), server: this.server };
  }

  /**
   * The files on the server, in the order of their names.
   *
   * @param prefix Only names that begin with it; it may end anywhere in a name.
   */
  list(prefix?: string, options: RequestOptions = {}): AsyncIterable<FileInfo> {
    return list(this.#connection, prefix, options);
  }

  /** Size and time of a file on the server. */
  async stat(name: string, options?: RequestOptions): Promise<FileInfo> {
    const answer = ask(this.#connection, MessageType.fileStat, { name }, options);
    return parseFileInfo(await this.#about("look at", name, answer));
  }

  /** Removes a file from the server. */
  async remove(name: string, options?: RequestOptions): Promise<void> {
    const answer = ask(this.#connection, MessageType.fileDelete, { name }, options);
    await this.#about("remove", name, answer);
  }

  /**
   * Sends a message of any type and returns the answer's body.
   *
   * @param type Message type, 0 to 65535; one's own begin at 0x8000.
   * @param body A map that MessagePack can hold.
   */
  call(type: number, body: Record<string, unknown>, options?: RequestOptions): Promise<unknown> {
    return ask(this.#connection, type, body, options);
  }

  /** Says in a server's refusal what it was about. */
  async #about<T>(action: string, name: string, result: Promise<T>): Promise<T> {
    try {
      return await result;
    } catch (error) {
      // What is wrong with a name is said with the name already.
      if (!(error instanceof RemoteError) || error.code === "invalid-name") throw error;
      const reason = error.message.charAt(0).toLowerCase() + error.message.slice(1);
      const message = `Cannot ${action} "${name}" on ${this.server}: ${reason}`;
      throw new RemoteError(error.code, message);
    }
  }

  /** Ends the connection and releases everything. */
  close(): Promise<void> {
    return this.#closed ??= Promise.resolve(this.#resources[Symbol.asyncDispose]());
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}
