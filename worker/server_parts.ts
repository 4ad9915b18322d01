import { getLogger } from "@logtape/logtape";
import { DEFAULT_CONGESTION_CONTROL, type MemoryBudget } from "../base/mod.ts";
import { DEFAULT_IDLE_MS, keepAliveWithin } from "../base/idle_times.ts";
import { DEFAULT_LIMITS, type ServerLimits } from "../base/server_limits.ts";
import { DEFAULT_SPREAD } from "../base/spread.ts";
import { defaultTaskThreads } from "../base/task_threads.ts";
import { Configuration, type Registration } from "../ffi/mod.ts";
import { builtinHandlers, HandlerRegistry } from "../handlers/messages/mod.ts";
import { LatePool, type Tasks } from "../tasks/tasks.ts";
import { ALPN } from "../protocol/mod.ts";
import { DiskStorage, SendBudget, UploadPlaces } from "../transfer/mod.ts";
import { EventHub } from "./events/event_hub.ts";
import { ToldStorage } from "./events/told_storage.ts";
import { FailedHellos } from "./limits/failed_hellos.ts";
import { newRefusalLimit } from "./requests/audited_request.ts";
import type { RequestFailure, RequestServices } from "./requests/dispatch.ts";
import { REQUEST_LIMITS, RequestBounds } from "./requests/request_limits.ts";
import type { Gate } from "./rights/gate.ts";
import type { CertificateFiles, ServerOptions } from "./server_options.ts";
import type { SessionOptions } from "./sessions/session.ts";
import { SERVER_SETTINGS, STREAM_WINDOWS } from "./settings.ts";
import { type SpreadStrategy, STRATEGIES } from "./spread/strategy.ts";
import { Transfers } from "./transfers/transfers.ts";
import type { CounterSink } from "./transport.ts";

const logger = getLogger(["msquicd", "worker"]);

/** How many downloads send at once, and how long one that nobody reads keeps others waiting. */
const DOWNLOADS = { turns: 1024, stallMs: 30_000 };

/** Counts nothing. */
const NO_COUNTERS: CounterSink = { add() {} };

/** What makes what connections are accepted with, of one certificate after the other. */
export function configureWith(
  registration: Registration,
  options: ServerOptions,
  limits: ServerLimits,
  memory: MemoryBudget,
): (certificate: CertificateFiles) => Configuration {
  const { congestionControl = DEFAULT_CONGESTION_CONTROL, keepAliveMs = 0 } = options;
  const { idleTimeoutMs = DEFAULT_IDLE_MS } = options;
  const clientCaFile = options.clientCertificates?.caFile;
  return ({ certificateFile, privateKeyFile }: CertificateFiles) =>
    new Configuration(registration, {
      alpn: [ALPN],
      settings: {
        ...SERVER_SETTINGS,
        ...{ congestionControl, idleTimeoutMs },
        keepAliveIntervalMs: keepAliveWithin(keepAliveMs, idleTimeoutMs),
        peerBidiStreamCount: limits.streams,
        // A session that is resumed shows no certificate.
        ...(clientCaFile === undefined ? {} : { resumption: false }),
      },
      credential: {
        ...{ role: "server", certificateFile, privateKeyFile },
        ...(clientCaFile === undefined ? {} : { clientCaFile }),
      },
      windowGrowth: { budget: memory, ...STREAM_WINDOWS },
    });
}

export function newPool({ taskThreads, tasks, counters }: ServerOptions): LatePool {
  return new LatePool({
    threads: taskThreads ?? defaultTaskThreads(navigator.hardwareConcurrency, 1),
    ...(tasks === undefined ? {} : { named: tasks }),
    ...(counters === undefined ? {} : { counters }),
    onLost: (task, reason) =>
      logger.error("A thread for tasks has ended in {task}: {reason}", { task, reason }),
  });
}

export function strategyOf(
  spread: ServerOptions["spread"] = DEFAULT_SPREAD,
): SpreadStrategy | undefined {
  return typeof spread === "string" ? STRATEGIES[spread] : spread;
}

export function limitsOf({ limits = {} }: ServerOptions): ServerLimits {
  const given = Object.entries(limits).filter(([, limit]) => limit !== undefined);
  return { ...DEFAULT_LIMITS, ...Object.fromEntries(given) };
}

export function sessionOptionsOf(
  options: ServerOptions,
  gate: Gate,
  limits: ServerLimits,
  memory: MemoryBudget,
  tasks: Tasks,
  files: FileServices,
): SessionOptions {
  const { counters = NO_COUNTERS, requestLimits } = options;
  return {
    gate,
    helloTimeoutMs: limits.helloTimeoutMs,
    idleTimeoutMs: options.idleTimeoutMs ?? DEFAULT_IDLE_MS,
    limits,
    failedHellos: new FailedHellos(limits.wrongTokens),
    services: {
      handlers: options.handlers ?? new HandlerRegistry(builtinHandlers()),
      ...files,
      storage: options.storage,
      counters,
      bounds: new RequestBounds({ ...REQUEST_LIMITS, ...requestLimits }, counters),
      transfers: new Transfers(),
      memory,
      downloads: new SendBudget({ memory, perClient: limits.unreadBytes, ...DOWNLOADS }),
      uploads: new UploadPlaces(limits.uploads),
      refusals: newRefusalLimit(),
      tasks,
      onError: options.onError ?? printError,
    },
  };
}

/** The files, and who hears of what happens to them. */
type FileServices = Pick<RequestServices, "files" | "filesFor" | "hooks" | "events">;

/** The files, and how requests see them whose server has hooks; what that takes is loaded only then. */
export async function filesOf(
  { storage, hooks = [], hookDeadlineMs }: ServerOptions,
  tasks: Tasks,
): Promise<FileServices> {
  const events = new EventHub();
  const files = new ToldStorage(new DiskStorage(storage), events);
  if (hooks.length === 0) return { files, events };
  const { hookRunner } = await import("./hooks/hook_runner.ts");
  const { hookStatuses } = await import("./hooks/hook_status.ts");
  const { HookedFiles } = await import("../handlers/messages/hooked_files.ts");
  const runner = hookRunner(hooks, { tasks, deadlineMs: hookDeadlineMs });
  const statuses = hookStatuses(hooks, hookDeadlineMs);
  return {
    files,
    events,
    hooks: statuses,
    filesFor: (client) => new HookedFiles(files, runner, client),
  };
}

/** Where an embedded server's owner has not said how to hear of a failure. */
function printError(error: unknown, { type, name, session, peer }: RequestFailure): void {
  console.error(`Request ${name} (type ${type}) of session ${session} (${peer}) failed:`, error);
}
