import { getLogger } from "@logtape/logtape";
import type { RootMark, WorkerConfig } from "../ipc/mod.ts";
import { parseByteRate } from "../base/byte_rate_text.ts";
import { hideInLogs } from "../log/mod.ts";
import { openAudit } from "./audit.ts";
import { type ManagerConfig, restartPolicyOf } from "./config/config.ts";
import { certificateSource } from "./state/certificate_source.ts";
import { CurrentCertificate } from "./state/current_certificate.ts";
import { UsedPairs } from "./state/used_pairs.ts";
import { EventExchange } from "./supervision/event_exchange.ts";
import { Family } from "./supervision/family.ts";
import type { ManagerEvent } from "./supervision/events.ts";
import { InstanceLock } from "./state/instance_lock.ts";
import { type LeftWorker, takeOverLeftWorkers } from "./takeover/left_workers.ts";
import { outdatedAmong } from "./takeover/outdated.ts";
import { PortClaims } from "./ports/port_claims.ts";
import { PortKeeper } from "./ports/port_keeper.ts";
import { PortMemory } from "./ports/port_memory.ts";
import { Ports } from "./ports/port_source.ts";
import { ensureRoot } from "./state/root_directory.ts";
import { type LedgerEntry, SegmentLedger } from "./state/segment_ledger.ts";
import type { SelfCommand } from "./process/self_command.ts";
import { settle } from "./supervision/settle.ts";
import { startWorkers } from "./supervision/start_workers.ts";
import type { StateDirectory } from "./state/state_directory.ts";
import { Supervisor } from "./supervision/supervisor.ts";
import { RateBoard } from "./supervision/rate_board.ts";
import { Tokens } from "./supervision/tokens.ts";
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
  /** Those besides the owner's. */
  tokens: Tokens;
  /** How fast clients may be. */
  rates: RateBoard;
  /** By which the storage is known. */
  rootMark: RootMark;
  /** Makes the workers that were there before as configured, without a gap. Never rejects. */
  settle: () => Promise<void>;
}

/** An instance that is ours alone. */
interface LockedInstance {
  /** The segments of its workers. */
  segments: SegmentLedger;
  /** What the manager before has left in it; empty if that one has ended in order. */
  entries: readonly LedgerEntry[];
}

/** What all workers present and serve. */
interface Presence {
  /** By which the storage is known. */
  rootMark: RootMark;
  certificate: CurrentCertificate;
  token: string;
  tokens: Tokens;
}

/** Which ports there are to be workers on. */
interface PortAssignment {
  ports: Ports;
  /** Those of the plan. */
  chosen: readonly number[];
  /** Those of the plan that a left worker serves already. */
  kept: readonly number[];
  /** Those of left workers beyond the plan. */
  surplus: readonly number[];
}

/**
 * The first flow of the architecture, up to where every worker is ready: one method for each step, which
 * gives what it has found or made to the next. What is held goes to `undo` at once, so that whenever it
 * fails, everything so far is released, the last first.
 */
export class BringUp {
  readonly #options: BringUpOptions;
  /** Workers that were there before us, by port, until their slot takes them; `undo` lets go of the rest. */
  readonly #left = new Map<number, LeftWorker>();
  readonly #rates: RateBoard;

  private constructor(options: BringUpOptions) {
    this.#options = options;
    this.#rates = new RateBoard(parseByteRate(options.config.limitRate));
  }

  /** Brings the workers up; on error, `undo` is full. */
  static run(options: BringUpOptions): Promise<Workers> {
    return new BringUp(options).#run();
  }

  async #run(): Promise<Workers> {
    const { config } = this.#options;
    const instance = await this.#lockInstance();
    await this.#takeOverLeftWorkers(instance);
    const presence = await this.#preparePresence();
    const assignment = await this.#assignPorts(instance);
    const { ports, kept, surplus } = assignment;
    const configOf = this.#workerConfigs(presence);
    const outdated = await outdatedAmong(kept, this.#left, configOf);
    const supervisor = this.#supervise(instance, presence, ports, configOf);
    await this.#startWorkers(supervisor, assignment);
    return {
      supervisor,
      ports,
      certificate: presence.certificate,
      tokens: presence.tokens,
      rates: this.#rates,
      rootMark: presence.rootMark,
      settle: () => settle(supervisor, { outdated, surplus, deadlineMs: config.drainDeadlineMs }),
    };
  }

  async #lockInstance(): Promise<LockedInstance> {
    const { config, state, undo } = this.#options;
    await state.prepare();
    undo.use(await InstanceLock.acquire(state));
    undo.use(await openAudit(config));
    const segments = new SegmentLedger(state.segmentsFile);
    const entries = await segments.load();
    undo.defer(() => segments.flush());
    if (entries.length > 0) logger.info("The last manager of this instance was killed");
    return { segments, entries };
  }

  async #takeOverLeftWorkers({ segments, entries }: LockedInstance): Promise<void> {
    const { config, state, signal, undo } = this.#options;
    const patienceMs = lossDeadlineMs(config) + 2 * NOTICE_MS;
    const left = await takeOverLeftWorkers({ ledger: segments, entries, patienceMs, signal });
    for (const worker of left) this.#left.set(worker.identity.port, worker);
    undo.defer(async () => {
      await Promise.all(Array.from(this.#left.values(), ({ segment }) => segment.letGo()));
    });
    await state.tidy({ workersGoOn: left.length > 0 });
  }

  async #preparePresence(): Promise<Presence> {
    const { config, state, undo } = this.#options;
    const tokens = await Tokens.open(state);
    const rootMark = await ensureRoot(config.root);
    const used = undo.use(await UsedPairs.open(state.usedPairsDirectory));
    const source = certificateSource(state, config);
    const subject = { host: config.host, names: config.certificateNames };
    const certificate = undo.use(await CurrentCertificate.load({ source, subject, used }));
    const token = await state.ensureToken();
    hideInLogs(token);
    return { tokens, rootMark, certificate, token };
  }

  /** Finds a port for every worker of the plan: those that are served already, and free ones. */
  async #assignPorts({ entries }: LockedInstance): Promise<PortAssignment> {
    const { config, state, signal, undo, emit } = this.#options;
    const keeper = undo.use(new PortKeeper(config.host, new PortClaims(state.portsLockFile)));
    const ports = new Ports(config, keeper, await PortMemory.open(state.portsFile));
    for (const port of this.#left.keys()) ports.adopt(port);
    const assigned = await ports.assign(entries.length > 0 ? RELEASE_MS : 0, signal);
    for (const { wanted, got } of assigned) {
      if (wanted === 0 || wanted === got) continue;
      const message = "UDP port {wanted} is taken, or was before; using {got} instead";
      logger.warning(message, { wanted, got });
      emit({ type: "port-moved", wanted, got });
    }
    const chosen = assigned.map(({ got }) => got);
    return {
      ports,
      chosen,
      kept: chosen.filter((port) => this.#left.has(port)),
      surplus: [...this.#left.keys()].filter((port) => !chosen.includes(port)),
    };
  }

  #workerConfigs({ certificate, token, rootMark }: Presence): (port: number) => WorkerConfig {
    const { config, state } = this.#options;
    return (port) => workerConfig(config, port, { ...certificate.files, token }, state, rootMark);
  }

  #supervise(
    { segments }: LockedInstance,
    { certificate, tokens }: Presence,
    ports: Ports,
    configOf: (port: number) => WorkerConfig,
  ): Supervisor {
    const { config, command, undo, emit } = this.#options;
    const family = new Family();
    const events = new EventExchange();
    const supervisor: Supervisor = new Supervisor({
      instance: config.instance,
      ports,
      certificate: () => certificate.files,
      newSlot: (port, emit) =>
        new WorkerSlot({
          config: configOf(port),
          command,
          prepare: (purpose) => certificate.prepare(purpose),
          ports,
          segments,
          deadlines: {
            startMs: config.startDeadlineMs,
            readyMs: config.readyDeadlineMs,
            stallMs: config.stallDeadlineMs,
          },
          events,
          policy: restartPolicyOf(config, port),
          emit,
          family: () =>
            family.members(supervisor.closing ? "stopping" : "ready", supervisor.status()),
          tokens: tokens.board,
          rates: this.#rates,
          adopted: this.#takeLeftWorker(port),
        }),
      onEvent: (event) => {
        if (event.type === "worker-died" || event.type === "worker-stopped") {
          ports.hold(event.port).catch(() => {}); // its next life says so
        }
        emit(event);
      },
    });
    return undo.use(supervisor);
  }

  #takeLeftWorker(port: number): LeftWorker | undefined {
    const worker = this.#left.get(port);
    this.#left.delete(port);
    return worker;
  }

  async #startWorkers(
    supervisor: Supervisor,
    { ports, chosen, surplus }: PortAssignment,
  ): Promise<void> {
    const { config, signal, emit } = this.#options;
    for (const { identity: { port }, process: { pid } } of this.#left.values()) {
      emit({ type: "worker-adopted", port, pid });
    }
    await startWorkers(supervisor, ports, [...chosen, ...surplus], { config, emit, signal });
  }
}
