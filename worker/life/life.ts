import { getLogger } from "@logtape/logtape";
import { DEFAULT_MAX_ACTIONS } from "../../base/action_definition.ts";
import type { TokenGrant } from "../../base/token_grant.ts";
import { CodedError, settlesWithin, whenAborted } from "../../base/mod.ts";
import { isAddressInUse } from "../../ffi/mod.ts";
import {
  actionMark,
  configDigest,
  emptyCounters,
  type HandlerStatus,
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
import type { TaskDefinition } from "../../tasks/definition.ts";
import { lockUpload, openStorageRoot } from "../../transfer/mod.ts";
import { VERSION } from "../../version.ts";
import type { ActionRunner } from "../actions/action_runner.ts";
import { type EventNews, EventRelay } from "../events/event_relay.ts";
import { auditToManager } from "./audit_to_manager.ts";
import type { RateSettings } from "../limits/live_rates.ts";
import { Departure, type DepartureReason } from "./departure.ts";
import { seeCertificate } from "./loaded_certificate.ts";
import { LoopWatch } from "./loop_watch.ts";
import { ManagerLoss } from "./manager_loss.ts";
import { listenForOrders, type Orders } from "./orders.ts";
import { trapProcess } from "./process_traps.ts";
import { boundMemory, type MemoryWatch } from "./memory_watch.ts";
import { BEAT_MS, type PulseEnd, startPulse } from "./pulse.ts";
import {
  answersOf,
  type AskedWorker,
  configureWorkerLogging,
  NotStartedError,
} from "./manager_requests.ts";
import { handlerStatuses } from "../requests/handler_status.ts";
import type { LocalRequest } from "../requests/local_request.ts";
import { type CertificateFiles, Server } from "../server.ts";
import type { ServerOptions } from "../server_options.ts";
import type { Session } from "../sessions/session.ts";
import { SuspensionDetector } from "./suspension_detector.ts";
import { systemServices } from "../system/services.ts";
import type { Transfers } from "../transfers/transfers.ts";
import type { ToldWorker } from "../system/told_worker.ts";
import { startSweeping } from "./upload_sweep.ts";
import { removeStaleUploads, uploadOwner } from "./uploads.ts";

const logger = getLogger(["msquicd", "worker"]);

/** How long the manager may take to say what the worker is to be, in milliseconds. */
const ORDER_DEADLINE_MS = 10_000;

/** How long requests may go on after SIGTERM, in milliseconds: who sends it soon sends SIGKILL. */
const TERMINATE_DEADLINE_MS = 500;

/** How long requests may go on when memory is about to run out, in milliseconds. */
const SHORTAGE_DEADLINE_MS = 2000;

/** How long releasing everything may take beyond the deadline, in milliseconds. */
const RELEASE_MS = 2000;

/** How long a message may wait for room in the shared memory, in milliseconds. */
const SEND_MS = 1000;

/** How long the manager may take to let go of the port, in milliseconds. */
const PORT_DEADLINE_MS = 2000;

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
  handlers(): HandlerStatus[] {
    if (this.#server === undefined) throw new NotStartedError();
    const { handlers, bounds } = this.#server.services;
    return handlerStatuses(handlers, bounds);
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
    const { host, port: wanted, root, certificateFile, privateKeyFile, token, msquicPath } = config;
    const { anonymous, clientCa, clients = {} } = config;
    const { congestionControl, memoryBudgetBytes, taskThreads } = config;
    const { idleTimeoutMs, keepAliveMs } = config;
    configureWorkerLogging(config);
    hideInLogs(token);
    this.#memory = boundMemory(config, {
      underWay: () => this.#lately,
      onFull: (shortage) => {
        this.#shortage = shortage;
        this.#departure.request("memory", SHORTAGE_DEADLINE_MS);
      },
    });
    const seen = await seeCertificate(certificateFile);
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
    const tasks = await loadOwn(config, handlers);
    const spread = await spreadOf(config);
    const storage = await openStorageRoot(root, config.rootMark, {
      minFreeBytes: config.minFreeBytes,
      maxFileBytes: config.maxFileBytes,
      allowedNames: config.allowedNames,
    });
    await removeStaleUploads(storage);
    const sweeping = undo.use(startSweeping(storage, lockUpload, config.keptUploads));
    void this.#departure.begun.then(() => sweeping[Symbol.dispose]());
    const server = undo.use(
      await Server.start({
        address: { hostname: host, port: wanted },
        certificateFile,
        privateKeyFile,
        token,
        tokens: this.#tokens ?? [],
        ...(anonymous === undefined ? {} : { anonymous }),
        ...(clientCa === undefined ? {} : { clientCertificates: { caFile: clientCa, clients } }),
        storage: {
          ...storage,
          owner: uploadOwner(),
          tryLock: lockUpload,
          wasStopped: () => this.#suspensions.recent,
          onKept: () => sweeping.noteKept(),
        },
        handlers,
        tasks,
        ...(spread === undefined ? {} : { spread }),
        ...(config.limits === undefined ? {} : { limits: config.limits }),
        ...(config.requests === undefined ? {} : { requestLimits: config.requests }),
        counters: this.#end.counters,
        onError: (error, request) => {
          logger.error("Request {name} (type {type}) of {peer} failed: {error}", {
            ...request,
            error,
          });
        },
        beforeListening: () => askForPort(this.#end),
        ...(msquicPath === undefined ? {} : { msquicPath }),
        ...(congestionControl === undefined ? {} : { congestionControl }),
        ...(idleTimeoutMs === undefined ? {} : { idleTimeoutMs }),
        ...(keepAliveMs === undefined ? {} : { keepAliveMs }),
        ...(memoryBudgetBytes === undefined ? {} : { memoryBudgetBytes }),
        ...(taskThreads === undefined ? {} : { taskThreads }),
      }),
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

/** What runs the actions that are configured, if any are: only then it is loaded. */
async function openActions(
  { actions = {}, maxActions = DEFAULT_MAX_ACTIONS }: WorkerConfig,
  segment: string,
): Promise<ActionRunner | undefined> {
  if (Object.keys(actions).length === 0) return undefined;
  const { ActionRunner } = await import("../actions/action_runner.ts");
  return new ActionRunner({ actions, limit: maxActions, mark: actionMark(segment) });
}

/** Loads what the configuration adds to the handlers. @returns What it adds to the tasks. */
async function loadOwn(
  { handlers = [], tasks = [] }: WorkerConfig,
  registry: HandlerRegistry,
): Promise<readonly TaskDefinition[]> {
  if (handlers.length + tasks.length === 0) return [];
  const { loadHandlers } = await import("../own_handlers/load.ts");
  const { loadTasks } = await import("../own_handlers/load_tasks.ts");
  await loadHandlers(handlers, registry);
  return await loadTasks(tasks);
}

/** What counts as load when clients are spread, if anything is said of it. */
async function spreadOf({ spread, spreadModule }: WorkerConfig): Promise<ServerOptions["spread"]> {
  if (spreadModule === undefined) return spread;
  const { loadSpread } = await import("../own_handlers/load_spread.ts");
  return await loadSpread(spreadModule);
}

/** The manager holds the port until now. Whether it could be had is for MsQuic to say. */
async function askForPort(end: LifeEnd): Promise<void> {
  try {
    await end.request("let-go-of-port", {}, { deadlineMs: PORT_DEADLINE_MS });
  } catch (error) {
    logger.debug("The manager does not let go of the port: {error}", { error });
  }
}

/** Says something to the manager, who may not listen any more. */
async function tell(end: LifeEnd, message: WorkerMessage): Promise<void> {
  const sent = end.send(message).catch((error: unknown) => {
    logger.warning("Cannot tell the manager {type}: {error}", { type: message.type, error });
  });
  await settlesWithin(sent, SEND_MS);
}

function farewell(departure: Departure, shortage: string | undefined): WorkerMessage {
  if (!departure.failed) return { type: "stopped" };
  if (shortage !== undefined) {
    return { type: "failed", error: { code: "worker-memory", message: shortage } };
  }
  const message = "An error that nothing has caught; the worker's log says which";
  return { type: "failed", error: { code: "worker-fault", message } };
}

function describe(
  error: unknown,
  config: WorkerConfig | undefined,
): { code: string; message: string } {
  if (isAddressInUse(error)) {
    const message = `UDP port ${config?.port} on ${config?.host} is in use by another process`;
    return { code: "port-in-use", message };
  }
  if (!(error instanceof Error)) return { code: "internal", message: String(error) };
  const code = "code" in error && typeof error.code === "string" ? error.code : "internal";
  return { code, message: error.message };
}

function logDeparture(reason: DepartureReason, end: LifeEnd): void {
  if (reason === "manager-lost") {
    logger.warning("Leaving: the manager, process {pid}, is gone", { pid: end.manager.pid });
  } else {
    logger.info("Leaving: {reason}", { reason });
  }
}
