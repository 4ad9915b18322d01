import { totalmem } from "node:os";
import { getLogger } from "@logtape/logtape";
import type { TokenGrant } from "../base/token_grant.ts";
import { MemoryBudget, whenAborted } from "../base/mod.ts";
import {
  type Address,
  type Configuration,
  Library,
  Listener,
  Registration,
  releaseSpareMemory,
} from "../ffi/mod.ts";
import { setDefences } from "../ffi/msquic/defences.ts";
import type { Sibling } from "../ipc/mod.ts";
import { audit, hasAuditFile, LineLimit } from "../log/mod.ts";
import { ALPN, ApplicationError } from "../protocol/mod.ts";
import type { ServerLimits } from "../base/server_limits.ts";
import type { LatePool, PoolFigures } from "../tasks/tasks.ts";
import { Certificates } from "./rights/certificates.ts";
import { ExpiryClock } from "./rights/expiry.ts";
import { Gate } from "./rights/gate.ts";
import type { RequestFailure, RequestServices } from "./requests/dispatch.ts";
import { LiveRates, type RateSettings } from "./limits/live_rates.ts";
import { Places } from "./limits/places.ts";
import { TokenShares } from "./limits/token_shares.ts";
import { Lobby } from "./sessions/lobby.ts";
import {
  type CertificateFiles,
  checkCertificateFiles,
  checkServerOptions,
  checkTokens,
  type ServerOptions,
} from "./server_options.ts";
import {
  configureWith,
  filesOf,
  limitsOf,
  newPool,
  sessionOptionsOf,
  strategyOf,
} from "./server_parts.ts";
import { Session, type SessionOptions } from "./sessions/session.ts";
import { defaultMemoryBudget, DEFENCES } from "./settings.ts";
import { relieve } from "./sessions/relief.ts";
import { Siblings } from "./sessions/siblings.ts";
import type { SpreadStrategy } from "./spread/strategy.ts";
import { SpareMemory } from "./spare_memory.ts";
import { statelessResetKey } from "./stateless_reset_key.ts";
import type { PeerConnection } from "./transport.ts";

const logger = getLogger(["msquicd", "worker"]);

/** What clients are told of a deadline that is not known. */
const MAX_DEADLINE_MS = Number.MAX_SAFE_INTEGER;

export type { CertificateFiles, RequestFailure, ServerOptions };

interface ServerParts {
  library: Library;
  /** Makes what connections are accepted with. */
  configure: (certificate: CertificateFiles) => Configuration;
  configuration: Configuration;
  listener: Listener;
  sessionOptions: SessionOptions;
  limits: ServerLimits;
  spread: SpreadStrategy | undefined;
  memory: MemoryBudget;
  tasks: LatePool;
  /** All that is to be released. */
  resources: AsyncDisposableStack;
}

/** A QUIC server: takes connections, and makes a session of each. */
export class Server implements AsyncDisposable {
  readonly #library: Library;
  readonly #configure: (certificate: CertificateFiles) => Configuration;
  #configuration: Configuration;
  readonly #listener: Listener;
  readonly #resources: AsyncDisposableStack;
  readonly #sessionOptions: SessionOptions;
  readonly #memory: MemoryBudget;
  readonly #tasks: LatePool;
  readonly #siblings: Siblings;
  readonly #sessions = new Set<Session>();
  /** Those of them that have not said hello. */
  readonly #lobby: Lobby;
  /** Those that have. */
  readonly #places: Places;
  /** What those of one token have together. */
  readonly #tokens: TokenShares;
  /** How fast they may be, as was said since it started. */
  readonly #rates = new LiveRates();
  readonly #strangers = new LineLimit({
    report: (rest, count) => {
      logger.warning("Connections turned away, {rest}", { rest, count });
      if (hasAuditFile()) audit({ event: "sessions.refused", result: "refused", count });
    },
  });
  readonly #expiry = new ExpiryClock(
    (nowMs) => this.#sessionOptions.gate.nextExpiry(nowMs),
    () => this.#endOthers(),
  );
  readonly #spareMemory = new SpareMemory({ turns: () => this.turns, release: releaseSpareMemory });
  readonly #accepting: Promise<void>;
  /** Aborts when requests may not go on any longer. */
  readonly #now = new AbortController();
  #stopped: Promise<void> | undefined;

  private constructor(parts: ServerParts) {
    this.#library = parts.library;
    this.#configure = parts.configure;
    this.#configuration = parts.configuration;
    this.#listener = parts.listener;
    this.#resources = parts.resources;
    const { limits } = parts;
    this.#places = new Places(limits);
    this.#siblings = new Siblings(parts.spread);
    this.#tokens = new TokenShares(limits);
    this.#lobby = new Lobby({
      guests: limits.unauthenticated,
      perNetwork: limits.unauthenticatedPerAddress,
    });
    this.#sessionOptions = {
      ...parts.sessionOptions,
      strangers: this.#strangers,
      directions: (session) => this.#siblings.directions(session, this.#places.size),
      onAdmit: (session, identity) => {
        const share = this.#tokens.enter(session, identity);
        this.#places.enter(session, session.hostname);
        this.#lobby.leave(session);
        return share;
      },
      ratesOf: (session) => this.#rates.of({ id: session.id, name: session.identity.name }),
      onOver: (session) => {
        this.#sessions.delete(session);
        this.#lobby.leave(session);
        this.#places.leave(session);
        this.#tokens.leave(session);
        this.#rates.forget(session.id);
        this.#siblings.left(session);
        this.#spareMemory.note();
      },
    };
    this.#memory = parts.memory;
    this.#tasks = parts.tasks;
    this.#expiry.set();
    this.#accepting = this.#accept();
  }

  /**
   * Starts a server.
   *
   * @throws {InvalidOptionError} An option is missing, unknown or cannot be used, like an empty token.
   * @throws {LibraryNotFoundError | LibraryVersionError} There is no MsQuic that can be used.
   * @throws {Deno.errors.NotFound | Deno.errors.PermissionDenied} The private key cannot be read.
   * @throws {CredentialError} The certificate cannot be used.
   * @throws {MsQuicError} The address cannot be used.
   */
  static async start(options: ServerOptions): Promise<Server> {
    checkServerOptions(options);
    const { address, privateKeyFile, msquicPath } = options;
    const memory = new MemoryBudget(options.memoryBudgetBytes ?? defaultMemoryBudget(totalmem()));
    const limits = limitsOf(options);
    // Released in the opposite order.
    await using resources = new AsyncDisposableStack();
    const tasks = resources.use(newPool(options));
    const certificates = options.clientCertificates &&
      await Certificates.load(options.clientCertificates.clients);
    const gate = new Gate(options.token, { ...options, certificates });
    options.storage.quotas.setTokens(options.tokens ?? []);
    const files = await filesOf(options, tasks);
    const sessionOptions = sessionOptionsOf(options, gate, limits, memory, tasks, files);
    const library = resources.use(
      Library.open(msquicPath === undefined ? {} : { path: msquicPath }),
    );
    setDefences(library, DEFENCES, totalmem());
    library.setStatelessResetKey(await statelessResetKey(privateKeyFile));
    const registration = resources.use(new Registration(library));
    const configure = configureWith(registration, options, limits, memory);
    const configuration = configure(options);
    await options.beforeListening?.();
    const listener = resources.use(
      await Listener.open(registration, { configuration, alpn: [ALPN], address }),
    );
    return new Server({
      library,
      configure,
      configuration,
      listener,
      sessionOptions,
      limits,
      spread: strategyOf(options.spread),
      memory,
      tasks,
      resources: resources.move(),
    });
  }

  /** Where it listens. */
  get address(): Address {
    return this.#listener.address;
  }

  /** MsQuic's version, like `2.5.1`. */
  get msquicVersion(): string {
    return this.#library.version;
  }

  /** How much of its `memoryBudgetBytes` its clients have, in bytes. */
  get memoryUsed(): number {
    return this.#memory.used;
  }

  /** How many turns MsQuic's event loop has made: stands still when it is stuck. */
  get turns(): number {
    return this.#library.turns;
  }

  /** How many of those turns took how long. */
  get turnTimes(): ArrayLike<number> {
    return this.#library.turnTimes;
  }

  /** What its threads for tasks do. */
  get taskFigures(): PoolFigures {
    return this.#tasks.figures;
  }

  /** The handlers of one's own that have requests under way, or had since this was last called. */
  takeHandlersUnderWay(): string[] {
    return this.#sessionOptions.services.bounds.takeUnderWay();
  }

  /** Makes that event loop turn once, even if there is nothing to do. */
  nudge(): void {
    this.#library.nudge();
  }

  /** The clients that are connected. */
  get sessions(): Iterable<Session> {
    return this.#sessions;
  }

  /** How many connections are in their handshake. */
  get handshaking(): number {
    return this.#listener.handshaking;
  }

  /**
   * Takes note of the other servers that clients may use instead.
   *
   * @param own What is known of this one, where that counts when clients are spread.
   */
  updateSiblings(siblings: readonly Sibling[], own?: Sibling): void {
    this.#siblings.update(siblings, own);
    relieve(this.#siblings, this.#sessions, this.#places.size);
  }

  /**
   * Lets others in from now on, besides whoever has the owner's token, and ends the sessions of all tokens
   * that are not good any more.
   *
   * @returns How many these are.
   * @throws {InvalidOptionError} One of them makes no sense; nothing is changed then.
   */
  updateTokens(tokens: readonly TokenGrant[]): number {
    checkTokens("Cannot change the tokens", tokens);
    this.#sessionOptions.gate.update(tokens);
    this.#sessionOptions.services.storage.quotas.setTokens(tokens);
    this.#expiry.set();
    return this.#endOthers();
  }

  /**
   * Has clients be no faster from now on, what is under way included, besides what `limits` says: all of them
   * together, and those of each token.
   */
  limitRates(rates: RateSettings): void {
    this.#rates.set(rates);
    for (const session of this.#sessions) if (session.admitted) session.pace();
  }

  /**
   * Has one client be no faster.
   *
   * @param id The session's.
   * @param bytesPerSecond 0 for any number.
   * @returns Whether there is such a session.
   */
  limitSession(id: string, bytesPerSecond: number): boolean {
    for (const session of this.#sessions) {
      if (session.id !== id || !session.admitted) continue;
      this.#rates.setSession(id, bytesPerSecond);
      session.pace();
      return true;
    }
    return false;
  }

  /** What its requests are served with. */
  get services(): RequestServices {
    return this.#sessionOptions.services;
  }

  /**
   * Sets the key for the tickets of clients that connect from now on, with which they can resume the session
   * at any server that has the same key and certificate (RFC 8446 section 2.2): without certificates, and
   * never with data before the handshake is complete. Until it is called, a server has one of its own;
   * tickets of the key before are of no use any more. One that asks clients for certificates gives no tickets.
   *
   * @param key 48 bytes that nobody else knows, of which the first 16 are a name that everybody may see.
   * @throws {MsQuicError} MsQuic cannot do that.
   */
  setTicketKey(key: Uint8Array): void {
    if (this.#configuration.sendsTickets) this.#configuration.setTicketKey(key);
  }

  /**
   * Presents another certificate to clients that connect from now on; the connections that are there go on.
   * Tickets of before are of no use any more: the server has a key of its own for them, until it is told
   * another one. A server that stops goes on as it is.
   *
   * @throws {InvalidOptionError} A path is missing.
   * @throws {Deno.errors.NotFound | Deno.errors.PermissionDenied} The private key cannot be read.
   * @throws {CredentialError} The certificate cannot be used; the one before still is.
   */
  async setCertificate(certificate: CertificateFiles): Promise<void> {
    checkCertificateFiles("Cannot change the certificate", certificate);
    const resetKey = await statelessResetKey(certificate.privateKeyFile);
    if (this.#stopped !== undefined) return;
    const before = this.#configuration;
    this.#configuration = this.#configure(certificate);
    this.#library.setStatelessResetKey(resetKey);
    this.#listener.configuration = this.#configuration;
    before[Symbol.dispose]();
  }

  /**
   * Stops: takes no more connections, tells the clients where else to go and serves each of them until
   * it has gone or wants nothing more, then ends all connections and releases everything.
   *
   * @param now Ends what still runs as soon as it aborts; without it, requests take what they take.
   * @param deadlineMs When that will be, in milliseconds from now, for the clients to know.
   */
  stop(now?: AbortSignal, deadlineMs = MAX_DEADLINE_MS): Promise<void> {
    if (now !== undefined) void whenAborted(now).then(() => this.#now.abort());
    return this.#stopped ??= this.#stop(deadlineMs);
  }

  /** Stops without waiting for requests. */
  close(): Promise<void> {
    this.#now.abort();
    return this.stop();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  /** Ends the sessions of those who would not be let in any more. */
  #endOthers(): number {
    const now = Date.now();
    const others = Array.from(this.#sessions).filter((session) =>
      session.admitted && session.state !== "closing" &&
      !this.#sessionOptions.gate.isGood(session.identity, now)
    );
    for (const session of others) session.revoke();
    return others.length;
  }

  async #accept(): Promise<void> {
    for await (const connection of this.#listener) this.#admit(connection);
  }

  #admit(connection: PeerConnection): void {
    if (this.#places.full) {
      this.services.counters.add("overLimit", 1);
      logger.debug("Connection refused: there are {count} sessions already", {
        count: this.#places.size,
      });
      return connection.shutdown(ApplicationError.refused);
    }
    const session = new Session(connection, this.#sessionOptions);
    this.#sessions.add(session);
    this.#lobby.enter(session);
    this.#spareMemory.note();
    session.start();
  }

  async #stop(deadlineMs: number): Promise<void> {
    const now = whenAborted(this.#now.signal);
    const successors = this.#siblings.ports;
    // Whoever has subscribed would otherwise hold the worker until its deadline.
    this.#sessionOptions.services.events.close();
    await this.#listener.close();
    await this.#accepting;
    await Promise.all(Array.from(this.#sessions, async (session, index) => {
      // Not all to the same one.
      const goAway = { successors: rotated(successors, index), deadlineMs };
      if (!this.#now.signal.aborted) await Promise.race([session.drain(goAway), now]);
      session.close(this.#now.signal.aborted ? "stopped" : "draining");
      await session.over;
    }));
    this.#strangers[Symbol.dispose]();
    this.#sessionOptions.services.refusals[Symbol.dispose]();
    this.#expiry[Symbol.dispose]();
    await this.#spareMemory[Symbol.asyncDispose]();
    await this.#resources.disposeAsync();
  }
}

function rotated(ports: readonly number[], by: number): number[] {
  const first = ports.length === 0 ? 0 : by % ports.length;
  return [...ports.slice(first), ...ports.slice(0, first)];
}
