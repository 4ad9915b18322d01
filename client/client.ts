import { handedOver } from "../base/handed_over.ts";
import type { ConnectionEnd } from "../ffi/mod.ts";
import {
  type ActionInfo,
  type FileInfo,
  type FileListRequest,
  type FileSumResponse,
  type MessageDefinition,
  messages,
  RemoteError,
  type SequenceDefinition,
} from "../protocol/mod.ts";
import { echo, type EchoResult } from "./echo.ts";
import {
  askByDatagram,
  askForAll,
  askForData,
  askInTime,
  type CallOptions,
  type Part,
} from "./call.ts";
import { ask, type Question, type RequestOptions, unchecked } from "./exchange.ts";
import { explained } from "./explained.ts";
import {
  checkGetManyOptions,
  getMany,
  type GetManyOptions,
  type GetManyOutcome,
  type WantedFile,
} from "./get_many.ts";
import { type GetStreamOptions, Passage, type TakeBytes } from "./get_stream.ts";
import { get, type GetOptions, type GetResult } from "./get.ts";
import { list, type ListOptions } from "./list.ts";
import { move, type MoveOptions } from "./move.ts";
import { put, type PutOptions, type PutResult } from "./put.ts";
import { type ByteReader, putStream, type PutStreamOptions, readOpening } from "./put_stream.ts";
import { type ManyFile, type ManyOutcome, putMany, type PutManyOptions } from "./put_many.ts";
import type { Request, Roaming } from "./roaming.ts";
import { type ActionResult, type RunActionOptions, takeOutput } from "./run_action.ts";
import type { TransferResult } from "./transfer_result.ts";
import { subscribe, type Subscription } from "./subscribe.ts";
import { newUploadId } from "./upload_id.ts";

/** What a {@linkcode Client} is made of. */
export interface ClientParts {
  roaming: Roaming;
  /** What is released when the client is closed, after its connections. */
  resources: AsyncDisposable;
}

/** How a ping went. */
export interface PingResult {
  /** Milliseconds until the answer was there. */
  ms: number;
  /** The server's clock, in milliseconds since 1970-01-01 UTC. */
  time: number;
  /** It went in datagrams. */
  datagram?: true;
}

/** What `ping` takes. */
export type PingOptions = RequestOptions & Pick<CallOptions, "datagram" | "timeoutMs">;

/** What `remove` takes. */
export interface RemoveOptions extends RequestOptions {
  directory?: boolean;
}

/** An answer with raw bytes behind it. */
export interface Received<Response> {
  body: Response;
  /** Each piece is the caller's. */
  data: AsyncIterableIterator<Uint8Array, void>;
}

/**
 * A session with a server of several workers. Requests may run side by side; each has a stream of its
 * own.
 *
 * When the worker it is connected to goes away, the client moves to another one; when the connection is
 * lost, it connects again, and begins requests again that were under way. Requests wait meanwhile.
 *
 * All of them reject with {@linkcode RemoteError} where the server refuses, with `NoServerError` or
 * `ConnectionEndedError` when the connection is lost for good, and with the signal's reason when it
 * aborts.
 *
 * @example Use whichever of two workers has less to do
 * ```ts
 * import { connect, Manager, resolveConfig } from "../mod.ts";
 *
 * await using manager = await Manager.start(resolveConfig({ ports: "0,0", root: "./photos" }));
 * const { host, ports: [one, other], fingerprint } = manager.info;
 * const token = await manager.state.ensureToken();
 *
 * await using client = await connect({ server: `${host}:${one},${other}`, token, fingerprint });
 * await client.put("photo.jpg");
 * await client.get("photo.jpg", "again.jpg");
 * ```
 */
export class Client implements AsyncDisposable {
  readonly #roaming: Roaming;
  readonly #resources: AsyncDisposable;
  #closed: Promise<void> | undefined;

  /** Use {@linkcode connect} to get a client. */
  constructor({ roaming, resources }: ClientParts) {
    this.#roaming = roaming;
    this.#resources = resources;
  }

  /** The server that requests go to at the moment, as `HOST:PORT`. */
  get server(): string {
    return this.#roaming.link.server;
  }

  /** That server's name for the session; `undefined` until it has answered, where `early` is set. */
  get session(): string | undefined {
    return this.#roaming.link.hello?.session;
  }

  /** Name and version of the server program, likewise. */
  get serverAgent(): string | undefined {
    return this.#roaming.link.hello?.server;
  }

  /** Resolves when there is no connection and will be none, with how the last one ended. */
  get ended(): Promise<ConnectionEnd> {
    return this.#roaming.ended;
  }

  /** Measures how long the server takes to answer. */
  async ping(options: PingOptions = {}): Promise<PingResult> {
    return await this.#run("ping", undefined, options, async (use, link) => {
      await (options.datagram ? link.greeted : undefined);
      const start = performance.now();
      const answer = await askByDatagram(link, messages.ping, {}, options);
      const { time } = answer ?? await ask(use, messages.ping, {}, options);
      const ms = performance.now() - start;
      return { ms, time, ...(answer === undefined ? {} : { datagram: true }) };
    });
  }

  /** Sends a body, and bytes, and gets both back. */
  echo(
    body: Record<string, unknown>,
    data: Uint8Array = new Uint8Array(),
    options: RequestOptions = {},
  ): Promise<EchoResult> {
    return this.#run("echo", undefined, options, (use) => echo(use, body, data, options));
  }

  /**
   * Stores a file.
   *
   * @param source A local file's path, or the bytes themselves.
   * @param name Its name on the server; for a path, by default its last part.
   * @throws {FileNotFoundError | NotAFileError | FilePermissionError | FileFailedError} The source cannot
   * be read.
   * @throws {InvalidNameError} The name is not allowed.
   */
  async put(
    source: string | Uint8Array,
    name?: string,
    options: PutOptions = {},
  ): Promise<PutResult> {
    const subject = name ?? (typeof source === "string" ? source : "");
    // The same in all attempts, so that each goes on where the one before it stopped.
    const { id = newUploadId(), repeated = options.id !== undefined } = options;
    const journey = { offset: 0 };
    return await this.#run("store", subject, options, async (use, { server }, attempt) => {
      const again = { ...options, id, repeated: repeated || attempt > 0 };
      return { ...await put(use, source, name, again, journey), server };
    });
  }

  /**
   * Stores what can be read once, without knowing how much it is: what comes through a pipe. Up to a MiB it is
   * stored as any file; more is sent as it is read, and cannot be sent again.
   *
   * @param source As `Deno.stdin`, or an open file; it stays open.
   * @throws {RequestLostError} The connection was lost before the server had answered.
   * @throws {UnknownSizeError} The server is an older one that has to know the size.
   */
  async putStream(
    source: ByteReader,
    name: string,
    options: PutStreamOptions = {},
  ): Promise<PutResult> {
    const opening = await readOpening(source, name, options);
    if (opening.whole) return await this.put(opening.bytes, name, options);
    return await this.#once(options, async (use, { server }) => {
      try {
        return { ...await putStream(use, source, opening, name, options), server };
      } catch (error) {
        throw explained(error, "store", `"${name}" on ${server}`);
      }
    });
  }

  /**
   * Fetches many files: small ones together, so that each costs little and none waits for a round trip. Where a
   * file is not small, or the server is an older one, it does what {@linkcode get} does.
   *
   * @param files Some hundreds of them are asked for together, so they should be found without long waits.
   * @returns How it went with each, in their order; it throws what ends all of them.
   */
  getMany<File extends WantedFile>(
    files: Iterable<File> | AsyncIterable<File>,
    options: GetManyOptions = {},
  ): AsyncIterableIterator<GetManyOutcome<File>> {
    checkGetManyOptions(options);
    const services = {
      getOne: ({ name, path }: WantedFile, options: GetManyOptions) =>
        this.get(name, path, options),
      run: (request: Request<void>, options: GetManyOptions) =>
        this.#run("fetch files", undefined, options, request),
    };
    return getMany(services, files, options);
  }

  /**
   * Fetches a file, and hands its bytes on as they come: to a pipe, a device. Where the connection is lost, it
   * goes on where it was.
   *
   * @param take Gets the bytes in their order, which are verified only when it resolves: until then they may be
   * wrong.
   */
  async getStream(
    name: string,
    take: TakeBytes,
    options: GetStreamOptions = {},
  ): Promise<TransferResult> {
    const passage = new Passage(name, take, options);
    return await this.#run("fetch", name, options, async (use, { server }) => ({
      ...await passage.go(use),
      server,
    }));
  }

  /**
   * Stores many files: small ones together on one stream, so that each costs little and none waits for a round
   * trip. Where a file is not small, or the server is an older one, it does what {@linkcode put} does.
   *
   * @param files May be found while those before are being stored. No more of them are asked for than fit
   * into some MiB, with what the caller has not taken of the outcomes.
   * @returns How it went with each, in their order; it throws what ends all of them, behind the outcomes of
   * those that were under way.
   */
  putMany<File extends ManyFile>(
    files: Iterable<File> | AsyncIterable<File>,
    options: PutManyOptions = {},
  ): AsyncIterableIterator<ManyOutcome<File>> {
    const services = {
      putOne: ({ source, name }: File, options: PutManyOptions) => this.put(source, name, options),
      run: (request: Request<void>, options: PutManyOptions) =>
        this.#run("store files", undefined, options, request),
    };
    return putMany(services, files, options);
  }

  /**
   * Fetches a file, which appears under its own name, whole and verified, or not at all. Directories that
   * are missing are made.
   *
   * @param destination Path of the file to write; by default the last part of the name, in the current directory.
   * @throws {InvalidNameError} The name is not allowed.
   * @throws {FileExistsError | NotNewerError} The destination exists, and the options do not allow to replace it.
   * @throws {NoSpaceError | FilePermissionError | NotAFileError | NotADirectoryError | SymbolicLinkError}
   * The destination cannot be written to.
   * @throws {FileFailedError} So it is, for another reason.
   */
  async get(name: string, destination?: string, options: GetOptions = {}): Promise<GetResult> {
    return await this.#run("fetch", name, options, async (use, { server }) => ({
      ...await get(use, name, destination, options),
      server,
    }));
  }

  /**
   * The files on the server, in the order of their names (with a slash behind those of directories).
   *
   * @param prefix Only names that begin with it; it may end anywhere in a name.
   */
  list(prefix?: string, options: ListOptions = {}): AsyncIterable<FileInfo> {
    const askForPage = (body: FileListRequest) =>
      this.#run("list", undefined, options, (use) => ask(use, messages.fileList, body, options));
    return list(askForPage, prefix, options);
  }

  /** Size and time of a file on the server. */
  async stat(name: string, options: RequestOptions = {}): Promise<FileInfo> {
    return await this.#run(
      "look at",
      name,
      options,
      (use) => ask(use, messages.fileStat, { name }, options),
    );
  }

  /** Has the server read a file again. @returns What it is, and its SHA-256 in hexadecimal. */
  async sum(name: string, options: RequestOptions = {}): Promise<FileSumResponse> {
    return await this.#run(
      "read",
      name,
      options,
      (use) => ask(use, messages.fileSum, { name }, options),
    );
  }

  /**
   * Makes a directory on the server, and those above it that are missing.
   *
   * @returns Whether it was not there before.
   */
  async makeDirectory(name: string, options: RequestOptions = {}): Promise<boolean> {
    return await this.#run("make the directory", name, options, async (use) => {
      const { made } = await ask(use, messages.fileMkdir, { name }, options);
      return made;
    });
  }

  /**
   * Gives a file on the server, or a directory with all that is in it, another name, in one step where the
   * server's disk can.
   *
   * @param options.overwrite What becomes of a file that has the new name; a directory is never replaced.
   */
  async move(name: string, to: string, options: MoveOptions = {}): Promise<void> {
    await this.#run(
      "move",
      name,
      options,
      (use, _link, attempt) => move(use, name, to, options, attempt),
    );
  }

  /**
   * Removes a file from the server.
   *
   * @param options.directory It is a directory with nothing in it, and no file.
   */
  async remove(name: string, options: RemoveOptions = {}): Promise<void> {
    const { directory = false, ...rest } = options;
    const body = directory ? { name, directory } : { name };
    await this.#run("remove", name, rest, async (use, _link, attempt) => {
      try {
        await ask(use, messages.fileDelete, body, rest);
      } catch (error) {
        // What was sent before may have done it, the answer being lost.
        if (attempt > 0 && error instanceof RemoteError && error.code === "not-found") return;
        throw error;
      }
    });
  }

  /** The actions that the server's operator lets clients run; none, if the server knows of no actions. */
  async actions(options: RequestOptions = {}): Promise<ActionInfo[]> {
    return await this.#run("list actions", undefined, options, async (use) => {
      try {
        return (await ask(use, messages.systemActionList, {}, options)).actions;
      } catch (error) {
        if (error instanceof RemoteError && error.code === "unknown-type") return [];
        throw error;
      }
    });
  }

  /**
   * Has the server run one of its operator's actions. It is never asked twice. However the action ends, that
   * is the result; when the signal aborts, the action is ended with all that it has started.
   *
   * @param name Of the action.
   * @param given The values of its arguments, by name.
   * @throws {RequestLostError} The connection was lost before the action was over, which it then is.
   * @throws {RemoteError} `no-action`, `bad-argument`, `too-many-actions`, `cannot-run`; what is wrong with a
   * file that an argument names.
   */
  async runAction(
    name: string,
    given: Record<string, string | number> = {},
    options: RunActionOptions = {},
  ): Promise<ActionResult> {
    const { onOutput, ...rest } = options;
    const { server } = this;
    const body = { name, arguments: given };
    try {
      const outcome = await takeOutput(this.stream(messages.systemActionRun, body, rest), onOutput);
      return { action: name, server, ...outcome };
    } catch (error) {
      throw explained(withoutActions(error), "run", `action "${name}" on ${server}`);
    }
  }

  /**
   * Sends a message of any type and returns the answer's body. It is never sent twice: what it does on
   * the server is not known here. Byte arrays in the body share memory with those of other answers: copy
   * one that is kept for long, or it keeps a quarter of a megabyte.
   *
   * @param message What {@linkcode defineMessage} has defined; or the message's type, 0 to 65535, for
   * which nothing is checked.
   * @param body A map that MessagePack can hold.
   * @throws {RequestLostError} The connection was lost before the answer was there.
   * @throws {ProtocolError} The answer is not what the definition says.
   * @throws {CallTimeoutError} The time that the options gave is over.
   */
  call<Request, Response>(
    message: MessageDefinition<Request, Response>,
    body: NoInfer<Request>,
    options?: CallOptions,
  ): Promise<Response>;
  call(type: number, body: Record<string, unknown>, options?: CallOptions): Promise<unknown>;
  call(
    message: number | MessageDefinition<unknown, unknown>,
    body: unknown,
    options: CallOptions = {},
  ): Promise<unknown> {
    const question = questionOf(message);
    return this.#once(
      options,
      async (use, link) =>
        await askByDatagram(link, question, body, options) ??
          await askInTime(use, question, body, options),
    );
  }

  /**
   * Sends a message that is answered with a sequence of messages, at once, and returns their bodies as they
   * come. The server makes no more of them than are taken: who stops taking, or leaves the loop, stops it.
   * It is never sent twice, as with {@linkcode call}.
   *
   * @param message What `defineMessage` has defined with `sequence`; or the message's type, for which nothing
   * is checked, and which may have a single answer, too.
   * @returns It throws what {@linkcode call} does, behind the answers that have come by then.
   */
  stream<Request, Response>(
    message: SequenceDefinition<Request, Response>,
    body: NoInfer<Request>,
    options?: CallOptions,
  ): AsyncIterableIterator<Response>;
  stream(
    type: number,
    body: Record<string, unknown>,
    options?: CallOptions,
  ): AsyncIterableIterator<unknown>;
  stream(
    message: number | SequenceDefinition<unknown, unknown>,
    body: unknown,
    options: CallOptions = {},
  ): AsyncIterableIterator<unknown> {
    const question = questionOf(message);
    return handedOver<unknown>((give, givenUp) => {
      const within = { ...options, signal: eitherOf(givenUp, options.signal) };
      return this.#once(within, (use) => askForAll(use, question, body, within, give));
    });
  }

  /**
   * Sends a message that is answered with raw bytes behind a body. It is never sent twice, as with
   * {@linkcode call}.
   *
   * @param message What `defineMessage` has defined; or the message's type, for which nothing is checked.
   * @returns The body, and the bytes as they come: take them all, or leave the loop, for the request to end.
   */
  receive<Request, Response>(
    message: MessageDefinition<Request, Response>,
    body: NoInfer<Request>,
    options?: CallOptions,
  ): Promise<Received<Response>>;
  receive(
    type: number,
    body: Record<string, unknown>,
    options?: CallOptions,
  ): Promise<Received<unknown>>;
  async receive(
    message: number | MessageDefinition<unknown, unknown>,
    body: unknown,
    options: CallOptions = {},
  ): Promise<Received<unknown>> {
    const question = questionOf(message);
    const parts = handedOver<Part>((give, givenUp) => {
      const within = { ...options, signal: eitherOf(givenUp, options.signal) };
      return this.#once(within, (use) => askForData(use, question, body, within, give));
    });
    const { value } = await parts.next();
    return { body: Object(value).body, data: bytesOf(parts) };
  }

  /**
   * Subscribes, at once, to what happens at all workers of the server's instance: `session.opened` and
   * `session.closed`, `transfer.begun` and `transfer.ended`, and what handlers publish. Who is slow loses
   * events, and is told how many. Where the worker that tells leaves, it goes on with the next one.
   *
   * @param topics Topics like `session.opened`, all below one like `session.*`, or `*`.
   * @param options With `here`, only what happens at the worker that the client is connected to.
   */
  subscribe(
    topics: readonly string[],
    { signal, here = false }: RequestOptions & { here?: boolean } = {},
  ): Subscription {
    // Servers that tell of themselves only do not know the field.
    const wanted = here ? { topics, here } : { topics };
    const open = (signal: AbortSignal) => this.stream(messages.eventsSubscribe, wanted, { signal });
    return subscribe(open, signal);
  }

  /** Runs a request that must not be repeated. */
  #once<Result>({ signal }: CallOptions, request: Request<Result>): Promise<Result> {
    return this.#roaming.run(request, { signal, repeatable: false });
  }

  /** Runs a request that may be repeated; says in a server's refusal what it was about. */
  #run<Result>(
    action: string,
    subject: string | undefined,
    { signal }: RequestOptions,
    request: Request<Result>,
  ): Promise<Result> {
    const about: Request<Result> = subject === undefined ? request : async (use, link, attempt) => {
      try {
        return await request(use, link, attempt);
      } catch (error) {
        throw explained(error, action, `"${subject}" on ${link.server}`);
      }
    };
    return this.#roaming.run(about, { signal, repeatable: true });
  }

  /** Ends the connection and releases everything. */
  close(): Promise<void> {
    return this.#closed ??= this.#close();
  }

  async #close(): Promise<void> {
    await this.#roaming.close();
    await this.#resources[Symbol.asyncDispose]();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}

function questionOf(
  message: number | Question<unknown, unknown>,
): Question<unknown, unknown> {
  return typeof message === "number" ? unchecked(message) : message;
}

function eitherOf(one: AbortSignal, other: AbortSignal | undefined): AbortSignal {
  return other === undefined ? one : AbortSignal.any([one, other]);
}

async function* bytesOf(parts: AsyncIterable<Part>): AsyncGenerator<Uint8Array, void, void> {
  for await (const part of parts) if ("bytes" in part) yield part.bytes;
}

/** A server without any action does not know the message. */
function withoutActions(error: unknown): unknown {
  if (!(error instanceof RemoteError) || error.code !== "unknown-type") return error;
  return new RemoteError("no-action", "It has no actions");
}
