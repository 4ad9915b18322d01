import { SHOWN_COUNTERS, type ShownCounter, type WorkerState } from "../../base/mod.ts";
import type { WorkerQuestion, WorkerStatus } from "../../handlers/commands/mod.ts";
import type {
  Counters,
  FamilyMember,
  ManagerRequests,
  Sibling,
  WorkerConfig,
} from "../../ipc/mod.ts";
import type { WorkerEvent } from "./events.ts";
import type { EventExchange } from "./event_exchange.ts";
import type { LifeDeadlines } from "./life_watch.ts";
import type { PortSource } from "../ports/port_source.ts";
import { RateMeter } from "./rate_meter.ts";
import type { RestartPolicy } from "../config/restart_policy.ts";
import type { SegmentLedger } from "../state/segment_ledger.ts";
import type { SelfCommand } from "../process/self_command.ts";
import type { LeftWorker } from "../takeover/left_workers.ts";
import type { RateBoard } from "./rate_board.ts";
import type { TokenBoard } from "./token_board.ts";
import { Rehearsal } from "./rehearsal.ts";
import { adoptLife, spawnLife, type SpawnLifeOptions } from "./spawn_life.ts";
import type { UsedFiles } from "../state/used_pairs.ts";
import { NoWorkerProcessError, SupersededError } from "./supervision_errors.ts";
import type { FailedRestart, WorkerFailure } from "./worker_failure.ts";
import type { StopOptions, WorkerLife } from "./worker_life.ts";
import { type WorkerRecord, WorkerRun } from "./worker_run.ts";

/** In which steps bytes in a second are told. */
const BYTES_STEP = 2 ** 18;

/** In which steps shares of a processor are told, in percent. */
const CPU_STEP = 5;

/** What all lives of one worker have in common. */
export interface WorkerSlotOptions {
  config: WorkerConfig;
  command: SelfCommand;
  /** As in {@linkcode SpawnLifeOptions}. */
  prepare?: NonNullable<SpawnLifeOptions["prepare"]>;
  /** Holds the port while nobody listens on it. */
  ports: Pick<PortSource, "hold" | "letGo">;
  segments: SegmentLedger;
  deadlines: LifeDeadlines;
  /** Hands on what happens at one worker to others. */
  events: EventExchange;
  policy: RestartPolicy;
  emit: (event: WorkerEvent) => void;
  /** Which processes the instance has, for workers that ask. */
  family: () => Promise<FamilyMember[]>;
  /** Which tokens are good. */
  tokens: TokenBoard;
  /** How fast clients may be. */
  rates: RateBoard;
  /** What its first life goes on with, where a worker was there before this manager. */
  adopted?: LeftWorker | undefined;
}

/** Whether more than sessions and transfers counts when clients are spread. */
function countsMore({ spread, spreadModule }: WorkerConfig): boolean {
  return spreadModule !== undefined || spread === "transfers" || spread === "processor";
}

function inSteps(value: number, step: number): number {
  return Math.round(value / step) * step;
}

/** One worker as the manager sees it: a port, and a place that is filled or not. */
export class WorkerSlot {
  readonly #options: WorkerSlotOptions;
  readonly #record: WorkerRecord = {
    lives: 0,
    lastError: undefined,
    lastExit: undefined,
    msquic: undefined,
  };
  readonly #bytes = new RateMeter();
  #run: WorkerRun | undefined;
  #adopted: LeftWorker | undefined;
  #rehearsal: Rehearsal | undefined;
  /** Counts what was asked for: whoever waited meanwhile finds out that something else was. */
  #orders = 0;

  constructor(options: WorkerSlotOptions) {
    this.#options = options;
    this.#adopted = options.adopted;
    if (this.#adopted) this.#record.lives = this.#adopted.segment.generation - 1;
  }

  get port(): number {
    return this.#options.config.port;
  }

  get state(): WorkerState {
    return this.#run?.state ?? "stopped";
  }

  /** Version of its MsQuic library, once it has told. */
  get msquic(): string | undefined {
    return this.#record.msquic;
  }

  /** Of the certificate that it presents: lower-case hex SHA-256; `undefined` if it does not run. */
  get fingerprint(): string | undefined {
    return this.#run?.life?.fingerprint;
  }

  /** How much it has to do, as it and its siblings are told. */
  get load(): Sibling {
    const life = this.#run?.life;
    const counters = life?.counters;
    const load = {
      port: this.port,
      sessions: Math.floor(counters?.sessions ?? 0),
      transfers: Math.floor(counters?.transfers ?? 0),
    };
    return countsMore(this.#options.config) ? { ...load, ...this.#measured(life) } : load;
  }

  /** In steps, so that little is told of what does not matter. */
  #measured(life: WorkerLife | undefined): Pick<Sibling, "bytesPerSecond" | "cpuPercent"> {
    const { bytesIn = 0, bytesOut = 0 } = life?.counters ?? {};
    const perSecond = this.#bytes.sample(performance.now(), bytesIn + bytesOut);
    return {
      bytesPerSecond: inSteps(perSecond, BYTES_STEP),
      cpuPercent: inSteps(life?.cpuPercent ?? 0, CPU_STEP),
    };
  }

  /**
   * Starts it. From when it is ready on, it is started again whenever it dies.
   *
   * @returns Why it did not become ready, and so was given up; `undefined` if it did, or if it was
   *   stopped meanwhile.
   */
  async start(): Promise<WorkerFailure | undefined> {
    this.#orders++;
    const outcome = await this.#begin(true).first;
    return typeof outcome === "string" ? undefined : outcome;
  }

  /**
   * Ends it for good; the place stays. May be called again, with `now` or a shorter deadline, to hurry
   * it up.
   */
  async stop(options: StopOptions): Promise<void> {
    this.#orders++;
    await Promise.all([this.#rehearsal?.cancel(), this.#end(options)]);
  }

  /** As it was before this manager: ends its worker, unless that was there already. */
  async letGo(): Promise<void> {
    this.#orders++;
    await Promise.all([this.#rehearsal?.cancel(), this.#run?.letGo()]);
    this.#run = undefined;
  }

  /**
   * Stops it, if it runs, and starts it again on the same port. One that serves is only stopped if its
   * successor would come up.
   *
   * @returns Why the new one did not become ready at once; it is tried again then, unless the old one
   *   is kept.
   * @throws {SupersededError} If it was stopped, or restarted once more, meanwhile.
   */
  async restart(options: StopOptions): Promise<FailedRestart | undefined> {
    const order = ++this.#orders;
    await this.#rehearsal?.cancel();
    if (order !== this.#orders) throw this.#superseded();
    const unfit = this.state === "ready" ? await this.#rehearse() : undefined;
    if (order !== this.#orders) throw this.#superseded();
    if (unfit !== undefined) return { failure: unfit, kept: this.state === "ready" };
    await this.#end(options);
    if (order !== this.#orders) throw this.#superseded();
    const outcome = await this.#begin(false).first;
    if (outcome === "stopped") throw this.#superseded();
    return outcome === "ready" ? undefined : { failure: outcome, kept: false };
  }

  /**
   * Has it answer a message as it would a client.
   *
   * @throws {NoWorkerProcessError} It does not run.
   */
  async ask(message: WorkerQuestion, deadlineMs: number): Promise<unknown> {
    const life = this.#run?.life;
    if (life !== undefined) return await life.ask(message, deadlineMs);
    throw new NoWorkerProcessError(this.port, this.state, this.#options.config.instance);
  }

  /** Whether it has a process that can be asked. */
  get answers(): boolean {
    return this.#run?.life !== undefined && this.state !== "starting";
  }

  /**
   * Asks it something.
   *
   * @throws {NoWorkerProcessError} It does not run.
   */
  async request<Name extends keyof ManagerRequests>(
    name: Name,
    params: ManagerRequests[Name]["params"],
    deadlineMs: number,
  ): Promise<ManagerRequests[Name]["answer"]> {
    const life = this.#run?.life;
    if (life !== undefined) return await life.request(name, params, deadlineMs);
    throw new NoWorkerProcessError(this.port, this.state, this.#options.config.instance);
  }

  /** Tells it who else is ready. */
  tellSiblings(siblings: Sibling[]): void {
    const own = countsMore(this.#options.config) ? this.load : undefined;
    this.#run?.life?.tellSiblings(siblings, own);
  }

  /** Has it present this certificate. @throws {Error} It does not; the one before is still there. */
  async present(files: UsedFiles): Promise<void> {
    await this.#run?.life?.present(files);
  }

  /** Tells it which key to make tickets with. */
  tellTicketKey(key: string): void {
    this.#run?.life?.tellTicketKey(key);
  }

  status(): WorkerStatus {
    const life = this.#run?.life;
    const { lives, lastError, lastExit } = this.#record;
    return {
      port: this.port,
      pid: life?.pid ?? null,
      state: this.state,
      uptimeMs: Math.round(life?.uptimeMs ?? 0),
      restarts: Math.max(0, lives - 1),
      ...shownCounters(life?.counters),
      cpuPercent: life?.cpuPercent ?? 0,
      turnP99Ms: life?.turnP99Ms ?? null,
      heartbeatAgeMs: life ? Math.round(life.heartbeatAgeMs) : null,
      lastError: lastError?.message ?? null,
      lastExit: lastExit ?? null,
    };
  }

  #superseded(): SupersededError {
    return new SupersededError(this.port, this.#options.config.instance);
  }

  /** Why a successor would not come up, if so. */
  async #rehearse(): Promise<WorkerFailure | undefined> {
    const generation = Math.max(1, this.#record.lives);
    const rehearsal = this.#rehearsal = new Rehearsal({ ...this.#options, generation });
    try {
      return await rehearsal.failure;
    } finally {
      if (this.#rehearsal === rehearsal) this.#rehearsal = undefined;
    }
  }

  #begin(onlyIfReady: boolean): WorkerRun {
    const { policy, emit } = this.#options;
    return this.#run = new WorkerRun({
      instance: this.#options.config.instance,
      port: this.port,
      policy,
      onlyIfReady,
      newLife: (generation) => this.#newLife(generation),
      record: this.#record,
      emit,
    });
  }

  async #newLife(generation: number): Promise<WorkerLife> {
    const adopted = this.#adopted;
    this.#adopted = undefined;
    if (adopted) return adoptLife(adopted, this.#options);
    await this.#options.ports.hold(this.port);
    return await spawnLife({ ...this.#options, generation });
  }

  async #end(options: StopOptions): Promise<void> {
    const run = this.#run;
    if (!run) return;
    const stopped = run.stop(options);
    const { port, emit } = { port: this.port, emit: this.#options.emit };
    emit({ type: "worker-leaving", port, pid: run.life?.pid ?? null, state: run.state });
    await stopped;
    if (this.#run !== run) return;
    this.#run = undefined;
    emit({ type: "worker-stopped", port });
  }
}

function shownCounters(counters: Counters | undefined): Record<ShownCounter, number> {
  return Object.fromEntries(
    SHOWN_COUNTERS.map((name) => [name, counters?.[name] ?? 0]),
  ) as Record<ShownCounter, number>;
}
