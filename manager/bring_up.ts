import { getLogger } from "@logtape/logtape";
import { ensureCertificate } from "./certificate.ts";
import { type ManagerConfig, restartPolicyOf } from "./config.ts";
import { dividePorts } from "./divide_ports.ts";
import type { ManagerEvent } from "./events.ts";
import { InstanceLock } from "./instance_lock.ts";
import { takeOverLeftWorkers } from "./left_workers.ts";
import { outdatedAmong } from "./outdated.ts";
import { allocatePorts } from "./port_allocator.ts";
import { PortClaims } from "./port_claims.ts";
import { portsFrom } from "./port_source.ts";
import { plannedPorts, type PortPlan } from "./ports.ts";
import { SegmentLedger } from "./segment_ledger.ts";
import type { SelfCommand } from "./self_command.ts";
import { settle } from "./settle.ts";
import type { StateDirectory } from "./state_directory.ts";
import { Supervisor } from "./supervisor.ts";
import { lossDeadlineMs, workerConfig } from "./worker_config.ts";
import { WorkerSlot } from "./worker_slot.ts";

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
  /** Lower-case hex SHA-256 of the certificate they present. */
  fingerprint: string;
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
  await Deno.mkdir(config.root, { recursive: true });
  const certificate = await ensureCertificate(state, config.host);
  const secrets = { ...certificate, token: await state.ensureToken() };
  const claims = undo.use(new PortClaims(state.portsLockFile));
  for (const port of adopted.keys()) claims.tryClaim(port);
  const { kept, surplus, wanted } = dividePorts(config.ports, [...adopted.keys()]);
  const releaseMs = entries.length > 0 ? RELEASE_MS : 0;
  const found = await findPorts(options, claims, wanted, releaseMs);
  const configOf = (port: number) => workerConfig(config, port, secrets, state);
  const outdated = await outdatedAmong(kept, adopted, configOf);
  const supervisor = new Supervisor({
    ports: portsFrom(config.host, lowestPort(config.ports), claims),
    newSlot: (port, emit) => {
      const worker = adopted.get(port);
      adopted.delete(port);
      return new WorkerSlot({
        config: configOf(port),
        command: options.command,
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
    onEvent: emit,
  });
  undo.use(supervisor);
  for (const { identity: { port }, process: { pid } } of left) {
    emit({ type: "worker-adopted", port, pid });
  }
  const inOrder = plannedPorts(config.ports).map((port) => found.get(port) ?? port);
  const all = inOrder.filter((port) => claims.has(port));
  await supervisor.start([...new Set([...all, ...kept, ...surplus])], signal);
  return {
    supervisor,
    fingerprint: certificate.fingerprint,
    settle: () => settle(supervisor, { outdated, surplus, deadlineMs: config.drainDeadlineMs }),
  };
}

/** Finds the ports that are not served yet, each in place of one of the plan. */
async function findPorts(
  { config, emit, signal }: BringUpOptions,
  claims: PortClaims,
  wanted: readonly number[],
  patienceMs: number,
): Promise<Map<number, number>> {
  const options = { claims, patienceMs, wanted, signal };
  const assigned = await allocatePorts(config.host, config.ports, options);
  for (const { wanted, got } of assigned) {
    if (wanted === got) continue;
    logger.warning("UDP port {wanted} is taken; using {got} instead", { wanted, got });
    emit({ type: "port-moved", wanted, got });
  }
  return new Map(assigned.map(({ wanted, got }) => [wanted, got]));
}

function lowestPort(plan: PortPlan): number {
  return plan.kind === "explicit" ? Math.min(...plan.ports) : plan.base;
}
