import { createServer, type Server, type Socket } from "node:net";
import { getLogger } from "@logtape/logtape";
import { settlesWithin } from "../../base/mod.ts";
import type { CommandContext } from "../../handlers/commands/mod.ts";
import type { CommandRunner } from "./audited_commands.ts";
import { type ConnectionLimits, ControlConnection } from "./control_connection.ts";
import { answer } from "./control_dispatch.ts";
import { removePrivateFile } from "../state/private_files.ts";

const logger = getLogger(["msquicd", "control"]);

const OWNER_ONLY = 0o600;
const SERVER_CLOSE_MS = 100;

/** How long connections may take to end when the server closes, in milliseconds. */
const CLOSE_GRACE_MS = 500;

/** How much is served at once, and how long clients may take. */
export interface ControlLimits extends ConnectionLimits {
  /** One more, and the one that has been idle or half-said for longest is closed. */
  readonly maxConnections: number;
}

const LIMITS: ControlLimits = { maxConnections: 64, requestMs: 5000, answerMs: 5000 };

/**
 * The manager's control endpoint: JSON-RPC 2.0, one JSON value per line, for the owner of the state
 * directory alone. Whatever is sent to it costs at most the connection it came on.
 */
export class ControlServer implements AsyncDisposable {
  readonly path: string;
  readonly #server: Server;
  readonly #registry: CommandRunner;
  readonly #context: CommandContext;
  readonly #limits: ControlLimits;
  /** The one that came first, or was answered first, is the first. */
  readonly #connections = new Set<ControlConnection>();
  #closed: Promise<void> | undefined;

  private constructor(
    path: string,
    registry: CommandRunner,
    context: CommandContext,
    limits: ControlLimits,
  ) {
    this.path = path;
    this.#registry = registry;
    this.#context = context;
    this.#limits = limits;
    // Whoever says all it has to say and closes its half still gets its answers.
    this.#server = createServer({ allowHalfOpen: true }, (socket) => this.#accept(socket));
  }

  /**
   * Starts to listen. A socket file that is there already is one that a killed manager has left, for
   * the caller holds the lock of the instance; it is replaced.
   *
   * @throws {Error} If the system does not let it.
   */
  static async listen(
    path: string,
    registry: CommandRunner,
    context: CommandContext,
    limits: ControlLimits = LIMITS,
  ): Promise<ControlServer> {
    const isFile = Deno.build.os !== "windows";
    if (isFile) await removePrivateFile(path);
    await using undo = new AsyncDisposableStack();
    const control = new ControlServer(path, registry, context, limits);
    await control.#listen();
    undo.use(control);
    if (isFile) await Deno.chmod(path, OWNER_ONLY);
    else await restrictPipe(path);
    undo.move();
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
    this.#server.on(
      "error",
      (error) => logger.warning("Control endpoint fails: {error}", { error }),
    );
  }

  async #close(): Promise<void> {
    const serverClosed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    for (const connection of this.#connections) connection.close();
    const ended = Promise.all(Array.from(this.#connections, ({ over }) => over));
    if (!await settlesWithin(ended, CLOSE_GRACE_MS)) {
      for (const connection of this.#connections) connection.cut();
    }
    await ended;
    // Deno 2.6 never says so once there has been a connection.
    await settlesWithin(serverClosed, SERVER_CLOSE_MS);
    if (Deno.build.os !== "windows") await removePrivateFile(this.path);
  }

  #accept(socket: Socket): void {
    const connection = new ControlConnection(socket, this.#limits, async (line) => {
      const reply = await answer(line, this.#registry, this.#context);
      // Whoever has just been answered is the last to go.
      if (this.#connections.delete(connection)) this.#connections.add(connection);
      return reply;
    });
    if (this.#connections.size >= this.#limits.maxConnections && !this.#makeRoom()) {
      const { maxConnections } = this.#limits;
      const message = `Manager runs ${maxConnections} commands at once already; ` +
        "try again when some of them are done";
      return void connection.turnAway("too-many-commands", message);
    }
    this.#connections.add(connection);
    void connection.over.then(() => this.#connections.delete(connection));
  }

  /** Closes the connection that has been without a request for longest, if there is one. */
  #makeRoom(): boolean {
    for (const connection of this.#connections) {
      if (connection.busy) continue;
      connection.cut();
      return this.#connections.delete(connection);
    }
    return false;
  }
}

/**
 * Lets nobody else open the pipe. By Windows' default list, which node:net leaves it with, others could,
 * though only to read, and nothing is said to who does not ask; so that is no reason not to start.
 */
async function restrictPipe(path: string): Promise<void> {
  try {
    const { keepPipePrivate } = await import("../../ffi/access/private_object_windows.ts");
    const others = keepPipePrivate(path);
    if (others.length > 0) {
      logger.warning("Others may open the control endpoint: {others}", { others });
    }
  } catch (error) {
    logger.warning("Others may open the control endpoint to read from it: {error}", { error });
  }
}
