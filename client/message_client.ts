import { handedOver } from "../base/handed_over.ts";
import type { ConnectionEnd } from "../ffi/mod.ts";
import {
  type ActionInfo,
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
import type { Link } from "./link.ts";
import type { Request, Roaming } from "./roaming.ts";
import { type ActionResult, type RunActionOptions, takeOutput } from "./run_action.ts";
import { subscribe, type Subscription } from "./subscribe.ts";

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

/** An answer with raw bytes behind it. */
export interface Received<Response> {
  body: Response;
  /** Each piece is the caller's. */
  data: AsyncIterableIterator<Uint8Array, void>;
}

/**
 * A session with a server of several workers, and what goes through it but files: see {@linkcode Client}, which
 * is what users have.
 */
export class MessageClient implements AsyncDisposable {
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
    return await this.run("ping", undefined, options, async (use, link) => {
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
    return this.run("echo", undefined, options, (use) => echo(use, body, data, options));
  }

  /** The actions that the server's operator lets clients run; none, if the server knows of no actions. */
  async actions(options: RequestOptions = {}): Promise<ActionInfo[]> {
    return await this.run("list actions", undefined, options, async (use) => {
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
    return this.once(
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
      return this.once(within, (use) => askForAll(use, question, body, within, give));
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
      return this.once(within, (use) => askForData(use, question, body, within, give));
    });
    const { value } = await parts.next();
    return { body: Object(value).body, data: bytesOf(parts) };
  }

  /**
   * Subscribes, at once, to what happens at all workers of the server's instance: `session.opened` and
   * `session.closed`, `transfer.begun` and `transfer.ended`, `file.stored` and its like, and what handlers
   * publish. Who is slow loses events, and is told how many. Where the worker that tells leaves, it goes on
   * with the next one.
   *
   * @param topics Topics like `session.opened`, all below one like `session.*`, or `*`.
   * @param options With `here`, only what happens at the worker that the client is connected to. `onGap` is
   * told when the subscription has begun again: what happened in between is not known.
   */
  subscribe(
    topics: readonly string[],
    { signal, here = false, onGap }: RequestOptions & { here?: boolean; onGap?: () => void } = {},
  ): Subscription {
    // Servers that tell of themselves only do not know the field.
    const wanted = here ? { topics, here } : { topics };
    const open = (signal: AbortSignal) => this.stream(messages.eventsSubscribe, wanted, { signal });
    return subscribe(open, signal, onGap);
  }

  /** Runs a request that must not be repeated. */
  protected once<Result>({ signal }: CallOptions, request: Request<Result>): Promise<Result> {
    return this.#roaming.run(request, { signal, repeatable: false });
  }

  /**
   * Runs a request that may be repeated; says in a server's refusal what it was about.
   *
   * @param progress As in `RunOptions`.
   */
  protected run<Result>(
    action: string,
    subject: string | undefined,
    { signal }: RequestOptions,
    request: Request<Result>,
    progress?: () => number,
  ): Promise<Result> {
    const about: Request<Result> = subject === undefined ? request : async (use, link, attempt) => {
      try {
        return await request(use, link, attempt);
      } catch (error) {
        throw explained(error, action, `"${subject}" on ${link.server}`);
      }
    };
    return this.#roaming.run(about, { signal, repeatable: true, progress });
  }

  /** Connects once more, for what goes beside; see `Roaming.beside`. */
  protected dialBeside(turn: number, signal: AbortSignal): Promise<Link> {
    return this.#roaming.beside(turn, signal);
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
