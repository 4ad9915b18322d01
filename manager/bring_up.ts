import { getLogger } from "@logtape/logtape";
import type { RootMark } from "../ipc/mod.ts";
import { type ManagerConfig, restartPolicyOf } from "./config/config.ts";
import { CurrentCertificate } from "./state/current_certificate.ts";
import type { ManagerEvent } from "./supervision/events.ts";
import { InstanceLock } from "./state/instance_lock.ts";
import { takeOverLeftWorkers } from "./takeover/left_workers.ts";
import { outdatedAmong } from "./takeover/outdated.ts";
import { PortClaims } from "./ports/port_claims.ts";
import { PortKeeper } from "./ports/port_keeper.ts";
import { PortMemory } from "./ports/port_memory.ts";
import { Ports } from "./ports/port_source.ts";
import { ensureRoot } from "./state/root_directory.ts";
import { SegmentLedger } from "./state/segment_ledger.ts";
import type { SelfCommand } from "./supervision/self_command.ts";
import { settle } from "./supervision/settle.ts";
import { startWorkers } from "./supervision/start_workers.ts";
import type { StateDirectory } from "./state/state_directory.ts";
import { Supervisor } from "./supervision/supervisor.ts";
import { lossDeadlineMs, workerConfig } from "./supervision/worker_config.ts";
import { WorkerSlot } from "./supervision/worker_slot.ts";

const logger = getLogger(["msquicd", "manager"]);

/** After a crash, workers that leave notice it within this time, and have as much to release everything. */
const NOTICE_MS = 1500;

/** How long the system may then take to have their ports free, in milliseconds. */
const RELEASE_MS = 500;

/** What bringing workers up takes. */
export interface BringUpOptions {
  config: ManagerConfig;
  state: StateDirectory;
  /** How to start a worker. */
  command: SelfCommand;
  emit: (event: ManagerEvent) => void;
  signal: AbortSignal | undefined;
  /** Takes what undoes each step. */
  undo: AsyncDisposableStack;
}

/** Workers that are all ready. */
export interface Workers {
  supervisor: Supervisor;
  ports: Ports;
  /** What those present that start now. */
  certificate: CurrentCertificate;
  /** By which the storage is known. */
  rootMark: RootMark;
  /** Makes the workers that were there before as configured, without a gap. Never rejects. */
  settle: () => Promise<void>;
}

/** The first flow of the architecture, up to where every worker is ready; on error, `undo` is full. */
export async function bringUpWorkers(options: BringUpOptions): Promise<Workers> {
  const { config, state, signal, undo, emit } = options;
  await state.prepare();
  undo.use(await InstanceLock.acquire(state));
  const segments = new SegmentLedger(state.segmentsFile);
  const entries = await segments.load();
  undo.defer(() => segments.flush());
  if (entries.length > 0) logger.info("The last manager of this instance was killed");
  const patienceMs = lossDeadlineMs(config) + 2 * NOTICE_MS;
  const left = await takeOverLeftWorkers({ ledger: segments, entries, patienceMs, signal });
  const adopted = new Map(left.map((worker) => [worker.identity.port, worker]));
  undo.defer(async () => {
    await Promise.all(Array.from(adopted.values(), ({ segment }) => segment.letGo()));
  });
  await state.tidy({ workersGoOn: adopted.size > 0 });
  const rootMark = await ensureRoot(config.root);
  const certificate = await CurrentCertificate.load(state, config.host);
  const secrets = { ...certificate.certificate, token: await state.ensureToken() };
  const keeper = undo.use(new PortKeeper(config.host, new PortClaims(state.portsLockFile)));
  const ports = new Ports(config, keeper, await PortMemory.open(state.portsFile));
  for (const port of adopted.keys()) ports.adopt(port);
  const chosen = await assignPorts(options, ports, entries.length > 0 ? RELEASE_MS : 0);
  const kept = chosen.filter((port) => adopted.has(port));
  const surplus = [...adopted.keys()].filter((port) => !chosen.includes(port));
  const configOf = (port: number) => workerConfig(config, port, secrets, state, rootMark);
  const outdated = await outdatedAmong(kept, adopted, configOf);
  const supervisor = new Supervisor({
    instance: config.instance,
    ports,
    newSlot: (port, emit) => {
      const worker = adopted.get(port);
      adopted.delete(port);
      return new WorkerSlot({
        config: configOf(port),
        command: options.command,
        prepare: () => certificate.check(),
        ports,
        segments,
        deadlines: {
          startMs: config.startDeadlineMs,
          readyMs: config.readyDeadlineMs,
          stallMs: config.stallDeadlineMs,
        },
        policy: restartPolicyOf(config, port),
        emit,
        adopted: worker,
      });
    },
    onEvent: (event) => {
      if (event.type === "worker-died" || event.type === "worker-stopped") {
        ports.hold(event.port).catch(() => {}); // its next life says so
      }
      emit(event);
    },
  });
  undo.use(supervisor);
  for (const { identity: { port }, process: { pid } } of left) {
    emit({ type: "worker-adopted", port, pid });
  }
  await startWorkers(supervisor, ports, [...chosen, ...surplus], { config, emit, signal });
  return {
    supervisor,
    ports,
    certificate,
    rootMark,
    settle: () => settle(supervisor, { outdated, surplus, deadlineMs: config.drainDeadlineMs }),
  };
}

/** Finds a port for every worker of the plan: those that are served already, and free ones. */
async function assignPorts(
  { emit, signal }: BringUpOptions,
  ports: Ports,
  patienceMs: number,
): Promise<number[]> {
  const assigned = await ports.assign(patienceMs, signal);
  for (const { wanted, got } of assigned) {
    if (wanted === 0 || wanted === got) continue;
    const message = "UDP port {wanted} is taken, or was before; using {got} instead";
    logger.warning(message, { wanted, got });
    emit({ type: "port-moved", wanted, got });
  }
  return assigned.map(({ got }) => got);
}
