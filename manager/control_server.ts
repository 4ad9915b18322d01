import { createServer, type Server, type Socket } from "node:net";
import { getLogger } from "@logtape/logtape";
import type { CommandContext, CommandRegistry } from "../handlers/commands/mod.ts";
import { keepPipePrivate } from "../ffi/mod.ts";
import { answer, refuse } from "./control_dispatch.ts";
import { settlesWithin } from "./delay.ts";
import { MAX_LINE_BYTES, RpcErrorCode } from "./json_rpc.ts";
import { LineTooLongError, readLines } from "./lines.ts";
import { removeIfThere } from "./private_files.ts";

const logger = getLogger(["msquicd", "control"]);

const OWNER_ONLY = 0o600;
const MAX_CONNECTIONS = 64;

/** How long a connection may take to hear its last answer. */
const CLOSE_GRACE_MS = 500;
const SERVER_CLOSE_MS = 100;

/**
 * The manager's control endpoint: JSON-RPC 2.0, one JSON value per line, for the owner of the state
 * directory alone. Whatever is sent to it costs at most the connection it came on.
 */
export class ControlServer implements AsyncDisposable {
  readonly path: string;
  readonly #server: Server;
  readonly #registry: CommandRegistry;
  readonly #context: CommandContext;
  readonly #connections = new Map<Socket, Promise<void>>();
  readonly #busy = new Set<Socket>();
  #closed: Promise<void> | undefined;

  private constructor(path: string, registry: CommandRegistry, context: CommandContext) {
    this.path = path;
    this.#registry = registry;
    this.#context = context;
    // Whoever says all it has to say and closes its half still gets its answers.
    this.#server = createServer({ allowHalfOpen: true }, (socket) => this.#accept(socket));
    this.#server.maxConnections = MAX_CONNECTIONS;
  }

  /**
   * Starts to listen. A socket file that is there already is one that a killed manager has left, for
   * the caller holds the lock of the instance; it is replaced.
   *
   * @throws {Error} If the system does not let it.
   */
  static async listen(
    path: string,
    registry: CommandRegistry,
    context: CommandContext,
  ): Promise<ControlServer> {
    const isFile = Deno.build.os !== "windows";
    if (isFile) await removeIfThere(path);
    const control = new ControlServer(path, registry, context);
    await control.#listen();
    if (isFile) await Deno.chmod(path, OWNER_ONLY);
    else restrictPipe(path);
    return control;
  }

  /** Takes no more calls, lets those under way be answered, and removes the socket. */
  close(): Promise<void> {
    return this.#closed ??= this.#close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #listen(): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    this.#server.once("error", reject);
    this.#server.listen({ path: this.path }, resolve);
    await promise;
    this.#server.off("error", reject);
    this.#server.on("error", (error) => logger.warning("Control endpoint: {error}", { error }));
  }

  async #close(): Promise<void> {
    const serverClosed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    for (const socket of this.#connections.keys()) {
      if (this.#busy.has(socket)) continue;
      socket.destroy();
    }
    const ended = Promise.all(this.#connections.values());
    if (!await settlesWithin(ended, CLOSE_GRACE_MS)) {
      for (const socket of this.#connections.keys()) socket.destroy();
    }
    await ended;
    // Deno 2.6 never says so once there has been a connection.
    await settlesWithin(serverClosed, SERVER_CLOSE_MS);
    if (Deno.build.os !== "windows") await removeIfThere(this.path);
  }

  #accept(socket: Socket): void {
    const served = this.#serve(socket).catch((error: unknown) => {
      if (!isLeaving(error)) logger.debug("Control connection ended: {error}", { error });
    });
    this.#connections.set(
      socket,
      served.finally(() => {
        this.#connections.delete(socket);
        socket.destroy();
      }),
    );
  }

  async #serve(socket: Socket): Promise<void> {
    // Without a listener, an error that comes between two reads would end the process.
    socket.on("error", () => {});
    const lines = readLines(socket.iterator({ destroyOnReturn: false }), {
      maxBytes: MAX_LINE_BYTES,
    });
    try {
      for await (const line of lines) {
        if (line.trim() === "") continue;
        this.#busy.add(socket);
        const reply = await answer(line, this.#registry, this.#context);
        if (reply !== undefined) await write(socket, reply);
        this.#busy.delete(socket);
        if (this.#closed) break;
      }
    } catch (error) {
      if (!(error instanceof LineTooLongError)) throw error;
      await write(socket, refuse(RpcErrorCode.invalidRequest, error.message));
    } finally {
      this.#busy.delete(socket);
    }
    await hangUp(socket);
  }
}

/**
 * Lets nobody else open the pipe. By Windows' default list, which node:net leaves it with, others could,
 * though only to read, and nothing is said to who does not ask; so that is no reason not to start.
 */
function restrictPipe(path: string): void {
  try {
    const others = keepPipePrivate(path);
    if (others.length > 0) {
      logger.warning("Others may open the control endpoint: {others}", { others });
    }
  } catch (error) {
    logger.warning("Others may open the control endpoint to read from it: {error}", { error });
  }
}

/** Whether a client has just closed its connection. */
function isLeaving(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "ERR_STREAM_PREMATURE_CLOSE";
}

/** Settled once the line has left, or cannot leave any more. */
function write(socket: Socket, line: string): Promise<void> {
  return new Promise((resolve) => socket.write(`${line}\n`, () => resolve()));
}

/** Closes our half and, for a moment, lets the other side finish: cut off, it might miss the answer. */
async function hangUp(socket: Socket): Promise<void> {
  if (socket.destroyed) return;
  const closed = new Promise<void>((resolve) => socket.once("close", () => resolve()));
  socket.end();
  socket.resume();
  await settlesWithin(closed, CLOSE_GRACE_MS);
}
