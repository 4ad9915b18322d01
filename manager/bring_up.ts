import { getLogger } from "@logtape/logtape";
import type { WorkerConfig } from "../ipc/mod.ts";
import { ensureCertificate } from "./certificate.ts";
import { type ManagerConfig, restartPolicyOf } from "./config.ts";
import type { ManagerEvent } from "./events.ts";
import { InstanceLock } from "./instance_lock.ts";
import { allocatePorts } from "./port_allocator.ts";
import { PortClaims } from "./port_claims.ts";
import { portsFrom } from "./port_source.ts";
import type { PortPlan } from "./ports.ts";
import { SegmentLedger } from "./segment_ledger.ts";
import type { SelfCommand } from "./self_command.ts";
import type { StateDirectory } from "./state_directory.ts";
import { Supervisor } from "./supervisor.ts";
import { WorkerSlot } from "./worker_slot.ts";

const logger = getLogger(["msquicd", "manager"]);

/** After a crash, workers without a manager leave within two seconds. */
const ORPHAN_PATIENCE_MS = 3000;

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
}

/** The first flow of the architecture, up to where every worker is ready; on error, `undo` is full. */
export async function bringUpWorkers(options: BringUpOptions): Promise<Workers> {
  const { config, state, signal, undo } = options;
  await state.prepare();
  undo.use(await InstanceLock.acquire(state));
  const segments = new SegmentLedger(state.segmentsFile);
  const crashed = await segments.sweep();
  await state.tidy();
  undo.defer(() => segments.flush());
  await Deno.mkdir(config.root, { recursive: true });
  const certificate = await ensureCertificate(state, config.host);
  const token = await state.ensureToken();
  const claims = undo.use(new PortClaims(state.portsLockFile));
  const ports = await choosePorts(options, claims, crashed);
  const supervisor = new Supervisor({
    ports: portsFrom(config.host, lowestPort(config.ports), claims),
    newSlot: (port, emit) =>
      new WorkerSlot({
        config: workerConfig(config, port, certificate, token),
        command: options.command,
        segments,
        deadlines: {
          startMs: config.startDeadlineMs,
          readyMs: config.readyDeadlineMs,
          stallMs: config.stallDeadlineMs,
        },
        policy: restartPolicyOf(config, port),
        emit,
      }),
    onEvent: options.emit,
  });
  undo.use(supervisor);
  await supervisor.start(ports, signal);
  return { supervisor, fingerprint: certificate.fingerprint };
}

async function choosePorts(
  { config, emit, signal }: BringUpOptions,
  claims: PortClaims,
  crashed: boolean,
): Promise<number[]> {
  if (crashed) logger.info("The last manager of this instance was killed; tidied up after it");
  const patienceMs = crashed ? ORPHAN_PATIENCE_MS : 0;
  const assigned = await allocatePorts(config.host, config.ports, { claims, patienceMs, signal });
  for (const { wanted, got } of assigned) {
    if (wanted === got) continue;
    logger.warning("UDP port {wanted} is taken; using {got} instead", { wanted, got });
    emit({ type: "port-moved", wanted, got });
  }
  return assigned.map(({ got }) => got);
}

function lowestPort(plan: PortPlan): number {
  return plan.kind === "explicit" ? Math.min(...plan.ports) : plan.base;
}

function workerConfig(
  config: ManagerConfig,
  port: number,
  certificate: { certificateFile: string; privateKeyFile: string },
  token: string,
): WorkerConfig {
  const { instance, host, root, logLevel, logFormat, msquicPath } = config;
  const { certificateFile, privateKeyFile } = certificate;
  return {
    ...{ instance, host, port, root, certificateFile, privateKeyFile, token, logLevel, logFormat },
    ...(msquicPath === undefined ? {} : { msquicPath }),
  };
}
