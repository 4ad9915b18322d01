import { X509Certificate } from "node:crypto";
import { getLogger } from "@logtape/logtape";
import { CodedError, settlesWithin, whenAborted } from "../../base/mod.ts";
import { isAddressInUse } from "../../ffi/mod.ts";
import {
  configDigest,
  type Sibling,
  type WorkerConfig,
  type WorkerEnd,
  type WorkerIdentity,
  type WorkerMessage,
} from "../../ipc/mod.ts";
import { hideInLogs, logToFileWithoutReader } from "../../log/mod.ts";
import { lockUpload, openStorageRoot } from "../../transfer/mod.ts";
import { VERSION } from "../../version.ts";
import { Departure, type DepartureReason } from "./departure.ts";
import { ManagerLoss } from "./manager_loss.ts";
import { listenForOrders } from "./orders.ts";
import { trapProcess } from "./process_traps.ts";
import { type PulseEnd, startPulse } from "./pulse.ts";
import { answersOf, configureWorkerLogging } from "./manager_requests.ts";
import { Server } from "../server.ts";
import { SuspensionDetector } from "./suspension_detector.ts";
import { startSweeping } from "./upload_sweep.ts";
import { removeStaleUploads, uploadOwner } from "./uploads.ts";

const logger = getLogger(["msquicd", "worker"]);

/** How long the manager may take to say what the worker is to be, in milliseconds. */
const ORDER_DEADLINE_MS = 10_000;

/** How long requests may go on after SIGTERM, in milliseconds: who sends it soon sends SIGKILL. */
const TERMINATE_DEADLINE_MS = 500;

/** How long releasing everything may take beyond the deadline, in milliseconds. */
const RELEASE_MS = 2000;

/** How long a message may wait for room in the shared memory, in milliseconds. */
const SEND_MS = 1000;

/** How long the manager may take to let go of the port, in milliseconds. */
const PORT_DEADLINE_MS = 2000;

/** What a worker needs of the shared memory. */
export type LifeEnd =
  & PulseEnd
  & Pick<WorkerEnd, "send" | "messages" | "request" | "serve" | "unlink">;

/** The manager has not said in time what the worker is to be. */
export class NoOrdersError extends CodedError {
  readonly code = "no-orders";
}

/** Which certificate MsQuic has read is not known. */
export class CertificateChangedError extends CodedError {
  readonly code = "certificate-changed";

  constructor(file: string) {
    super(`Certificate "${file}" was replaced while it was being read; trying again helps`);
  }
}

/**
 * A worker's life: waits for the manager's order to start, serves until there is a reason to leave, and
 * releases everything.
 *
 * @param end The worker's end of the shared memory. It stays open.
 * @returns The process's exit code.
 */
export async function live(end: LifeEnd): Promise<number> {
  using departure = new Departure();
  let server: Server | undefined;
  let config: WorkerConfig | undefined;
  function onFault(error: unknown): void {
    logger.fatal("Leaving after an error that nothing has caught: {error}", { error });
    departure.request("fault", 0);
  }
  using _traps = trapProcess({
    onFault,
    onTerminate: () => departure.request("terminated", TERMINATE_DEADLINE_MS),
  });
  const loss = new ManagerLoss({
    manager: () => end.manager,
    config: () => config,
    departure,
    // They leave as well.
    onLeaving: () => server?.updateSiblings([]),
  });
  const suspensions = new SuspensionDetector();
  using _pulse = startPulse(end, {
    onBeat: () => suspensions.note(),
    turns: () => server?.turns ?? 0,
    turnTimes: () => server?.turnTimes,
    nudge: () => server?.nudge(),
    onManagerLost: () => loss.note(),
  });
  let siblings: readonly Sibling[] = [];
  function onSiblings(told: readonly Sibling[]): void {
    siblings = told;
    server?.updateSiblings(told);
  }
  const messages = (signal: AbortSignal) => end.messages(signal);
  await using orders = listenForOrders(messages, departure, onSiblings, onFault);
  await using logs = new AsyncDisposableStack();
  void orders.start.then((orders) => {
    config = orders;
    if (logs.disposed) return; // it leaves already
    if (orders.onManagerLoss?.keep) logs.use(logToFileWithoutReader(orders.onManagerLoss.logFile));
  });
  let identity: Identity | undefined;
  let leaving = false;
  void departure.begun.then(() => leaving = true);
  end.serve(answersOf({
    get config() {
      return config;
    },
    get sessions() {
      return server?.sessions ?? [];
    },
    get identity() {
      if (identity === undefined) return undefined;
      const { readyAt, ...rest } = identity;
      return { ...rest, uptimeMs: Math.round(performance.now() - readyAt), leaving };
    },
  }));
  async function bidFarewell(message: WorkerMessage): Promise<void> {
    if (loss.alone) end.unlink();
    else await tell(end, message);
  }
  try {
    const started = await start(end, orders.start, departure, suspensions);
    if (started) ({ server, identity } = started);
    server?.updateSiblings(siblings);
  } catch (error) {
    logger.error("Cannot start: {error}", { error });
    await bidFarewell({ type: "failed", error: describe(error, config) });
    return 1;
  }
  const reason = await departure.begun;
  logDeparture(reason, end);
  const released = server === undefined || await release(server, departure);
  await bidFarewell(farewell(departure));
  return released && !departure.failed ? 0 : 1;
}

/** What a manager that takes over is told. */
type Identity = Omit<WorkerIdentity, "uptimeMs" | "leaving"> & { readyAt: number };

/** A worker that serves. */
interface Started {
  server: Server;
  identity: Identity;
}

/** Starts serving and tells the manager; `undefined` if there is a reason to leave before there are orders. */
async function start(
  end: LifeEnd,
  orders: Promise<WorkerConfig>,
  departure: Departure,
  suspensions: SuspensionDetector,
): Promise<Started | undefined> {
  const first = Promise.race([orders, departure.begun]);
  if (!await settlesWithin(first, ORDER_DEADLINE_MS)) {
    throw new NoOrdersError(
      `No orders from the manager within ${ORDER_DEADLINE_MS / 1000} s; see why it is stuck`,
    );
  }
  const config = await first;
  if (typeof config === "string") return undefined;
  const { host, port: wanted, root, certificateFile, privateKeyFile, token, msquicPath } = config;
  configureWorkerLogging(config);
  hideInLogs(token);
  const certificate = await readIfThere(certificateFile);
  const storage = await openStorageRoot(root, config.rootMark);
  await removeStaleUploads(storage);
  await using undo = new AsyncDisposableStack();
  const sweeping = undo.use(startSweeping(storage, lockUpload, config.keptUploads));
  void departure.begun.then(() => sweeping[Symbol.dispose]());
  const server = undo.use(
    await Server.start({
      address: { hostname: host, port: wanted },
      certificateFile,
      privateKeyFile,
      token,
      storage: {
        ...storage,
        owner: uploadOwner(),
        tryLock: lockUpload,
        wasStopped: () => suspensions.recent,
        onKept: () => sweeping.noteKept(),
      },
      counters: end.counters,
      onError: (error, request) => {
        logger.error("Request of type {type} failed: {error}", { ...request, error });
      },
      beforeListening: () => askForPort(end),
      ...(msquicPath === undefined ? {} : { msquicPath }),
    }),
  );
  if (await readIfThere(certificateFile) !== certificate) {
    throw new CertificateChangedError(certificateFile);
  }
  const { msquicVersion: msquic, address: { port } } = server;
  const presented = { msquic, fingerprint: fingerprintOf(certificate) };
  const digest = configDigest(config, certificate, VERSION);
  const identity = { port, digest, ...presented, readyAt: performance.now() };
  await tell(end, { type: "ready", port, pid: Deno.pid, ...presented });
  logger.info("Serving {root} on port {port}", { root: storage.path, port });
  undo.move();
  return { server, identity };
}

/** As clients pin it: lower-case hex SHA-256 of the DER. */
function fingerprintOf(certificate: string): string {
  return new X509Certificate(certificate).fingerprint256.replaceAll(":", "").toLowerCase();
}

/** That it cannot be read is for MsQuic to say. */
async function readIfThere(path: string): Promise<string> {
  return await Deno.readTextFile(path).catch(() => "");
}

/** The manager holds the port until now. Whether it could be had is for MsQuic to say. */
async function askForPort(end: LifeEnd): Promise<void> {
  try {
    await end.request("let-go-of-port", {}, { deadlineMs: PORT_DEADLINE_MS });
  } catch (error) {
    logger.debug("The manager does not let go of the port: {error}", { error });
  }
}

/** Stops the server; tells whether all was released in time. */
async function release(server: Server, departure: Departure): Promise<boolean> {
  const stopped = server.stop(departure.now, departure.remainingMs).then(
    () => true,
    (error: unknown) => {
      logger.error("Cannot release everything: {error}", { error });
      return false;
    },
  );
  const late = whenAborted(departure.now).then(() => settlesWithin(stopped, RELEASE_MS));
  const released = await Promise.race([stopped, late]);
  if (!released) logger.error("Leaving without having released everything");
  return released;
}

/** Says something to the manager, who may not listen any more. */
async function tell(end: LifeEnd, message: WorkerMessage): Promise<void> {
  const sent = end.send(message).catch((error: unknown) => {
    logger.warning("Cannot tell the manager {type}: {error}", { type: message.type, error });
  });
  await settlesWithin(sent, SEND_MS);
}

function farewell(departure: Departure): WorkerMessage {
  if (!departure.failed) return { type: "stopped" };
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
