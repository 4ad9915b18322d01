import { getLogger } from "@logtape/logtape";
import type { TokenGrant } from "../../base/token_grant.ts";
import { CodedError, settlesWithin, whenAborted } from "../../base/mod.ts";
import {
  configDigest,
  emptyCounters,
  type Sibling,
  type WorkerConfig,
  type WorkerEnd,
  type WorkerIdentity,
  type WorkerMessage,
} from "../../ipc/mod.ts";
import { hideInLogs, logToFileWithoutReader } from "../../log/mod.ts";
import {
  actionHandlers,
  builtinHandlers,
  HandlerRegistry,
  systemHandlers,
} from "../../handlers/messages/mod.ts";
import { lockUpload, openStorageRoot } from "../../transfer/mod.ts";
import { VERSION } from "../../version.ts";
import type { ActionRunner } from "../actions/action_runner.ts";
import { type EventNews, EventRelay } from "../events/event_relay.ts";
import { auditToManager } from "./audit_to_manager.ts";
import type { RateSettings } from "../limits/live_rates.ts";
import { Departure } from "./departure.ts";
import { seeCertificate } from "./loaded_certificate.ts";
import { LoopWatch } from "./loop_watch.ts";
import { ManagerLoss } from "./manager_loss.ts";
import { listenForOrders, type Orders } from "./orders.ts";
import { trapProcess } from "./process_traps.ts";
import { boundMemory, type MemoryWatch } from "./memory_watch.ts";
import { actionHooksOf, loadOwn, openActions, spreadOf } from "./open_configured.ts";
import { BEAT_MS, type PulseEnd, startPulse } from "./pulse.ts";
import {
  answersOf,
  type AskedWorker,
  configureWorkerLogging,
  NotStartedError,
  type Serving,
} from "./manager_requests.ts";
import { handlerStatuses } from "../requests/handler_status.ts";
import type { LocalRequest } from "../requests/local_request.ts";
import { type CertificateFiles, Server } from "../server.ts";
import type { Session } from "../sessions/session.ts";
import { SuspensionDetector } from "./suspension_detector.ts";
import { systemServices } from "../system/services.ts";
import type { Transfers } from "../transfers/transfers.ts";
import type { ToldWorker } from "../system/told_worker.ts";
import { askForPort, describe, farewell, logDeparture, tell } from "./tell_manager.ts";
import { serverOptionsOf } from "./server_options_of.ts";
import { startSweeping } from "./upload_sweep.ts";
import { auditGivenUp, checkStorers, removeStaleUploads, uploadOwner } from "./uploads.ts";

const logger = getLogger(["msquicd", "worker"]);

/** How long the manager may take to say what the worker is to be, in milliseconds. */
const ORDER_DEADLINE_MS = 10_000;

/** How long requests may go on after SIGTERM, in milliseconds: who sends it soon sends SIGKILL. */
const TERMINATE_DEADLINE_MS = 500;

/** How long requests may go on when memory is about to run out, in milliseconds. */
const SHORTAGE_DEADLINE_MS = 2000;

/** How long releasing everything may take beyond the deadline, in milliseconds. */
const RELEASE_MS = 2000;

/** How long the manager may take to tell of its processes, in milliseconds. */
const FAMILY_DEADLINE_MS = 2000;

/** What a worker needs of the shared memory. */
export type LifeEnd =
  & PulseEnd
  & Pick<WorkerEnd, "name" | "send" | "messages" | "request" | "serve" | "unlink">;

/** The manager has not said in time what the worker is to be. */
export class NoOrdersError extends CodedError {
  readonly code = "no-orders";
}

/** Where a worker is in its life, from the first to the last. */
type LifeState =
  /** The manager has not said yet what it is to be. */
  | "waiting"
  /** It opens what it needs to serve. */
  | "starting"
  /** Clients can connect. */
  | "serving"
  /** There is a reason to leave. */
  | "leaving";

/**
 * A worker's life: waits for the manager's order to start, serves until there is a reason to leave, and
 * releases everything.
 */
export class Life implements AskedWorker {
  readonly #end: LifeEnd;
  readonly #departure = new Departure();
  readonly #suspensions = new SuspensionDetector();
  readonly #loss: ManagerLoss;
  #state: LifeState = "waiting";
  #config: WorkerConfig | undefined;
  #siblings: readonly Sibling[] = [];
  #ticketKey: string | undefined;
  readonly #relay: EventRelay;
  /** Those that are let in, besides the owner's; `undefined` before that is known. */
  #tokens: readonly TokenGrant[] | undefined;
  /** How fast its clients may be, where the manager has said so. */
  #rates: RateSettings | undefined;
  /** The handlers of one's own that had requests under way at the last beat. */
  #lately: readonly string[] = [];
  #memory: MemoryWatch | undefined;
  #shortage: string | undefined;
  #server: Server | undefined;
  #actions: ActionRunner | undefined;
  #presented: Presented | undefined;

  private constructor(end: LifeEnd) {
    this.#end = end;
    this.#relay = new EventRelay((message) => end.send(message));
    this.#loss = new ManagerLoss({
      manager: () => end.manager,
      config: () => this.#config,
      departure: this.#departure,
      // They leave as well.
      onLeaving: () => this.#server?.updateSiblings([]),
    });
    void this.#departure.begun.then(() => this.#state = "leaving");
  }

  /**
   * Lives.
   *
   * @param end The worker's end of the shared memory. It stays open.
   * @returns The process's exit code.
   */
  static run(end: LifeEnd): Promise<number> {
    return new Life(end).#run();
  }

  /** What the manager told it to be; `undefined` before. */
  get config(): WorkerConfig | undefined {
    return this.#config;
  }

  /** The clients that are connected. */
  get sessions(): Iterable<Session> {
    return this.#server?.sessions ?? [];
  }

  /** What is on its way; `undefined` before there is a server. */
  get transfers(): Transfers | undefined {
    return this.#server?.services.transfers;
  }

  /** How many connections are in their handshake. */
  get handshaking(): number {
    return this.#server?.handshaking ?? 0;
  }

  /** What it is; `undefined` before it is ready. */
  get identity(): WorkerIdentity | undefined {
    if (this.#presented === undefined) return undefined;
    const { readyAt, ...rest } = this.#presented;
    const uptimeMs = Math.round(performance.now() - readyAt);
    return { ...rest, uptimeMs, leaving: this.#state === "leaving" };
  }

  /** Presents another certificate to clients that connect from now on. */
  async useCertificate(files: CertificateFiles): Promise<string> {
    const presented = this.#presented;
    if (this.#server === undefined || presented?.fingerprint === undefined) {
      throw new NotStartedError();
    }
    const seen = await seeCertificate(files.certificateFile);
    await this.#server.setCertificate(files);
    this.#useTicketKey();
    const fingerprint = await seen.fingerprint();
    this.#presented = { ...presented, fingerprint };
    logger.info("Presenting the certificate with fingerprint {fingerprint} from now on", {
      fingerprint,
    });
    return fingerprint;
  }

  /** Lets others in from now on; returns how many sessions that has ended. */
  letIn(tokens: readonly TokenGrant[]): number {
    this.#tokens = tokens;
    return this.#server?.updateTokens(tokens) ?? 0;
  }

  /** What it serves. */
  serving(): Serving {
    if (this.#server === undefined) throw new NotStartedError();
    const { handlers, bounds, hooks = [] } = this.#server.services;
    return { handlers: handlerStatuses(handlers, bounds), hooks: [...hooks] };
  }

  /** Has clients be no faster from now on. */
  limitRates(rates: RateSettings): void {
    this.#rates = rates;
    this.#server?.limitRates(rates);
  }

  /** Has one client be no faster. */
  limitSession(id: string, bytesPerSecond: number): boolean {
    return this.#server?.limitSession(id, bytesPerSecond) ?? false;
  }

  /** Answers a message of the manager's as it would one of a client's. */
  async answer(request: LocalRequest, signal: AbortSignal): Promise<unknown> {
    if (this.#server === undefined) throw new NotStartedError();
    // Only where somebody asks: a worker starts without.
    const { serveLocally } = await import("../requests/local_request.ts");
    return await serveLocally(this.#server.services, request, signal);
  }

  async #run(): Promise<number> {
    using departure = this.#departure;
    using _traps = trapProcess({
      onFault: this.#onFault,
      onTerminate: () => departure.request("terminated", TERMINATE_DEADLINE_MS),
    });
    using _relay = this.#relay;
    using _pulse = this.#startPulse();
    await using orders = this.#listen();
    await using logs = new AsyncDisposableStack();
    void orders.start.then((config) => this.#obey(config, logs));
    this.#end.serve(answersOf(this));
    try {
      const config = await this.#awaitOrders(orders.start);
      if (config !== undefined) await this.#serve(config);
    } catch (error) {
      logger.error("Cannot start: {error}", { error });
      await this.#bidFarewell({ type: "failed", error: describe(error, this.#config) });
      return 1;
    }
    logDeparture(await departure.begun, this.#end);
    const released = await this.#release();
    await this.#bidFarewell(farewell(departure, this.#shortage));
    return released && !departure.failed ? 0 : 1;
  }

  readonly #onFault = (error: unknown): void => {
    logger.fatal("Leaving after an error that nothing has caught: {error}", { error });
    this.#departure.request("fault", 0);
  };

  #startPulse(): Disposable {
    const underWay = () => this.#lately = this.#server?.takeHandlersUnderWay() ?? [];
    const watch = new LoopWatch({ everyMs: BEAT_MS, underWay });
    return startPulse(this.#end, {
      onBeat: () => {
        this.#suspensions.note();
        watch.note();
        this.#memory?.note();
      },
      turns: () => this.#server?.turns ?? 0,
      turnTimes: () => this.#server?.turnTimes,
      nudge: () => this.#server?.nudge(),
      onManagerLost: () => this.#loss.note(),
    });
  }

  #listen(): Orders {
    const messages = (signal: AbortSignal) => this.#end.messages(signal);
    const onSiblings = (siblings: readonly Sibling[], own?: Sibling) => {
      this.#siblings = siblings;
      this.#server?.updateSiblings(siblings, own);
    };
    const onTicketKey = (key: string) => {
      this.#ticketKey = key;
      this.#useTicketKey();
    };
    const onEvents = (news: EventNews) => this.#relay.hear(news);
    // What was told by a request since is newer.
    const onTokens = (tokens: readonly TokenGrant[]) => void (this.#tokens ??= tokens);
    const news = { onTokens, onSiblings, onTicketKey, onEvents };
    return listenForOrders(messages, this.#departure, news, this.#onFault);
  }

  /** Without a ticket, a client has a whole handshake: not worth failing for. */
  #useTicketKey(): void {
    if (this.#ticketKey === undefined) return;
    try {
      this.#server?.setTicketKey(Uint8Array.fromHex(this.#ticketKey));
    } catch (error) {
      logger.warning("Cannot give clients tickets to resume sessions with: {error}", { error });
    }
  }

  /** Takes note of what the worker is to be. */
  #obey(config: WorkerConfig, logs: AsyncDisposableStack): void {
    this.#config = config;
    if (logs.disposed) return; // it leaves already
    if (config.audit) logs.use(auditToManager(this.#end));
    if (config.onManagerLoss?.keep) logs.use(logToFileWithoutReader(config.onManagerLoss.logFile));
  }

  /** What the worker is to be; `undefined` if there is a reason to leave before that is known. */
  async #awaitOrders(orders: Promise<WorkerConfig>): Promise<WorkerConfig | undefined> {
    const first = Promise.race([orders, this.#departure.begun]);
    if (!await settlesWithin(first, ORDER_DEADLINE_MS)) {
      throw new NoOrdersError(
        `No orders from the manager within ${ORDER_DEADLINE_MS / 1000} s; see why it is stuck`,
      );
    }
    const config = await first;
    return typeof config === "string" ? undefined : config;
  }

  /** Opens what it takes to serve, and tells the manager. */
  async #serve(config: WorkerConfig): Promise<void> {
    this.#enter("starting");
    configureWorkerLogging(config);
    hideInLogs(config.token);
    this.#memory = boundMemory(config, {
      underWay: () => this.#lately,
      onFull: (shortage) => {
        this.#shortage = shortage;
        this.#departure.request("memory", SHORTAGE_DEADLINE_MS);
      },
    });
    const seen = await seeCertificate(config.certificateFile);
    await using undo = new AsyncDisposableStack();
    const actions = await openActions(config, this.#end.name);
    if (actions !== undefined) undo.use(actions);
    const handlers = new HandlerRegistry([
      ...builtinHandlers(),
      ...systemHandlers(systemServices(() => this.#told(config))),
      ...(actions === undefined ? [] : actionHandlers(actions)),
    ]);
    // Of the modules as they are before they are loaded: what changes meanwhile is another version.
    const digest = await configDigest(config, VERSION);
    const { tasks, hooks } = await loadOwn(config, handlers);
    const actionHooks = await actionHooksOf(config, actions);
    const spread = await spreadOf(config);
    const storage = await openStorageRoot(config.root, config.rootMark, {
      minFreeBytes: config.minFreeBytes,
      durability: config.durability,
      maxFileBytes: config.maxFileBytes,
      allowedNames: config.allowedNames,
      quotas: config.quotas,
    });
    storage.quotas.setTokens(this.#tokens ?? []);
    checkStorers(storage);
    await removeStaleUploads(storage);
    const sweeping = undo.use(startSweeping(storage, lockUpload, config.keptUploads));
    void this.#departure.begun.then(() => sweeping[Symbol.dispose]());
    const server = undo.use(
      await Server.start(serverOptionsOf(config, {
        tokens: this.#tokens ?? [],
        storage: {
          ...storage,
          owner: uploadOwner(),
          tryLock: lockUpload,
          wasStopped: () => this.#suspensions.recent,
          onKept: () => sweeping.noteKept(),
          onGivenUp: auditGivenUp,
        },
        handlers,
        tasks,
        hooks: [...hooks, ...actionHooks],
        spread,
        counters: this.#end.counters,
        beforeListening: () => askForPort(this.#end),
      })),
    );
    const { msquicVersion: msquic, address: { port } } = server;
    const shown = { msquic, fingerprint: await seen.fingerprint() };
    const presented = { port, digest, ...shown, readyAt: performance.now() };
    await tell(this.#end, { type: "ready", port, pid: Deno.pid, ...shown });
    logger.info("Serving {root} on port {port}", { root: storage.path, port });
    undo.move();
    this.#actions = actions;
    // They take a moment to end, and what waits for them is waited for.
    void whenAborted(this.#departure.now).then(() => actions?.leave());
    this.#server = server;
    if (this.#rates !== undefined) server.limitRates(this.#rates);
    this.#presented = presented;
    // They may have changed while it was starting.
    this.letIn(this.#tokens ?? []);
    server.updateSiblings(this.#siblings);
    this.#relay.connect(server.services.events);
    this.#useTicketKey();
    this.#enter("serving");
  }

  /** What it tells of itself to clients who ask. */
  #told({ instance }: WorkerConfig): ToldWorker {
    const server = this.#server;
    const presented = this.#presented;
    if (server === undefined || presented === undefined) throw new NotStartedError();
    const end = this.#end;
    return {
      instance,
      port: presented.port,
      msquic: presented.msquic,
      uptimeMs: Math.round(performance.now() - presented.readyAt),
      counters: end.counters.snapshot() ?? emptyCounters(),
      loop: server,
      sessions: server.sessions,
      handshaking: server.handshaking,
      actions: this.#actions?.underWay ?? [],
      async family(signal) {
        const options = { signal, deadlineMs: FAMILY_DEADLINE_MS };
        return (await end.request("processes", {}, options)).processes;
      },
    };
  }

  /** Goes on to the next state; nothing leads back from leaving. */
  #enter(state: LifeState): void {
    if (this.#state !== "leaving") this.#state = state;
  }

  /** Stops the server, if there is one; tells whether all was released in time. */
  async #release(): Promise<boolean> {
    if (this.#server === undefined) return true;
    const { now, remainingMs } = this.#departure;
    const stopped = this.#server.stop(now, remainingMs).then(
      () => true,
      (error: unknown) => {
        logger.error("Cannot release everything: {error}", { error });
        return false;
      },
    );
    const late = whenAborted(now).then(() => settlesWithin(stopped, RELEASE_MS));
    const released = await Promise.race([stopped, late]);
    await this.#actions?.[Symbol.asyncDispose]();
    if (!released) logger.error("Leaving without having released everything");
    return released;
  }

  async #bidFarewell(message: WorkerMessage): Promise<void> {
    if (this.#loss.alone) this.#end.unlink();
    else await tell(this.#end, message);
  }
}

/** What a manager that takes over is told. */
type Presented = Omit<WorkerIdentity, "uptimeMs" | "leaving"> & { readyAt: number };
