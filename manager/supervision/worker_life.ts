import { getLogger } from "@logtape/logtape";
import { settlesWithin } from "../../base/mod.ts";
import { grantOf, type TokenGrant } from "../../base/token_grant.ts";
import { turnQuantile } from "../../ffi/msquic/events/turn_times.ts";
import {
  type Counters,
  emptyCounters,
  type ManagerEnd,
  type ManagerMessage,
  type ManagerRequests,
  type Sibling,
  type WorkerConfig,
  type WorkerIdentity,
  type WorkerMessage,
} from "../../ipc/mod.ts";
import { passOnAudit } from "../../log/mod.ts";
import { onBeat } from "../beat.ts";
import { CpuMeter } from "./cpu_meter.ts";
import type { WorkerQuestion } from "../../handlers/commands/mod.ts";
import type { EventExchange, ExchangePlace } from "./event_exchange.ts";
import { type LifeDeadlines, LifeWatch } from "./life_watch.ts";
import type { SegmentLedger } from "../state/segment_ledger.ts";
import { endActionsOf } from "../process/end_actions.ts";
import type { UsedFiles } from "../state/used_pairs.ts";
import { toFailure, type WorkerFailure } from "./worker_failure.ts";
import { deathOf } from "./death_of.ts";
import type { RateBoard, Rates } from "./rate_board.ts";
import type { TokenBoard } from "./token_board.ts";
import type { LifeProcess, ProcessExit } from "../process/worker_process.ts";

const logger = getLogger(["msquicd", "manager"]);

/** What a worker says of itself when it is ready. */
export type ReadyMessage = Extract<WorkerMessage, { type: "ready" }>;

/** What a life is made of. The segment belongs to it from then on. */
export interface WorkerLifeOptions {
  process: LifeProcess;
  /** What connects us with the process. */
  segment: ManagerEnd;
  config: WorkerConfig;
  segments: SegmentLedger;
  deadlines: LifeDeadlines;
  /** Hands on what happens at one worker to others. */
  events: EventExchange;
  /** Which tokens are good. */
  tokens: TokenBoard;
  /** How fast clients may be. */
  rates: RateBoard;
  /** Who it is, if it has begun already, under another manager. */
  adopted?: WorkerIdentity;
  /** Where it can be left to itself: looks after its process no more. */
  letGo?: () => void;
}

/** How to stop. */
export interface StopOptions {
  /** Do not wait for what is still going on. */
  now: boolean;
  /** How long to wait for it otherwise, in milliseconds. */
  deadlineMs: number;
}

/** How long a worker that said it failed may take to leave, and one that got SIGTERM. */
const LEAVE_MS = 1000;

/** How long a worker may take to load another certificate, in milliseconds. */
const PRESENT_MS = 5000;

/** How long it may take to take note of which tokens are good, in milliseconds. */
const TELL_MS = 5000;

/** The same of one that starts: it hears of what there is to know when it is up. */
const TELL_STARTING_MS = 20_000;

/** On top of the deadline the worker knows of, so that it can meet that one. */
const STOP_GRACE_MS = 500;

/** What a worker is told of the others, and of itself. */
interface SiblingNews {
  siblings: Sibling[];
  own?: Sibling;
}

/**
 * One life of a worker: its process and the shared memory that connects it with us, to the end.
 * However it ends, both are gone afterwards.
 */
export class WorkerLife {
  readonly #options: WorkerLifeOptions;
  readonly #cpu = new CpuMeter(performance.now());
  readonly #watch: LifeWatch;
  readonly #ready = Promise.withResolvers<ReadyMessage | undefined>();
  #counters: Readonly<Counters> = emptyCounters();
  #readyAt: number | undefined;
  #fingerprint: string | undefined;
  #uptimeMs = 0;
  #over = false;
  #gaveUp = false;
  #letGo = false;
  #leaving: "draining" | "stopping" | undefined;
  #failure: WorkerFailure | undefined;
  #exit: ProcessExit | undefined;
  #siblings: SiblingNews | undefined;
  #telling: Promise<void> | undefined;
  #ticketKey: string | undefined;
  /** The file of the certificate that it was told to present; of one that was adopted it is not known. */
  #presents: string | undefined;
  readonly #place: ExchangePlace;

  /** Settled with why it ended; `undefined` if it was asked to. Never rejects. */
  readonly ended: Promise<WorkerFailure | undefined>;

  constructor(options: WorkerLifeOptions) {
    this.#options = options;
    this.#watch = new LifeWatch(options.deadlines, performance.now());
    if (options.adopted) this.#adopt(options.adopted);
    else this.#presents = options.config.certificateFile;
    this.ended = this.#live();
    // One that another manager has started may have subscribers.
    const ask = options.adopted !== undefined;
    this.#place = options.events.join((message) => this.#send(message), { ask });
  }

  get pid(): number {
    return this.#options.process.pid;
  }

  /** Settled when it is ready; with `undefined` if it ended before. Never rejects. */
  get ready(): Promise<ReadyMessage | undefined> {
    return this.#ready.promise;
  }

  /** Of the certificate that it presents: lower-case hex SHA-256; `undefined` before it is ready. */
  get fingerprint(): string | undefined {
    return this.#fingerprint;
  }

  /** How it was told to leave; `undefined` if it was not. */
  get leaving(): "draining" | "stopping" | undefined {
    return this.#leaving;
  }

  /** How its process ended, once it has. */
  get exit(): ProcessExit | undefined {
    return this.#exit;
  }

  /** Whether it has said itself that it cannot serve, and why. */
  get gaveUp(): boolean {
    return this.#gaveUp;
  }

  /** What its process said last on standard error, oldest line first. */
  get lastLines(): readonly string[] {
    return this.#options.process.lastLines;
  }

  /** From when it was ready until now, or until it ended, in milliseconds; 0 before. */
  get uptimeMs(): number {
    if (this.#over || this.#readyAt === undefined) return this.#uptimeMs;
    return performance.now() - this.#readyAt;
  }

  get cpuPercent(): number {
    return this.#cpu.percent;
  }

  /** As they are now; as they were at last once it has ended. */
  get counters(): Readonly<Counters> {
    if (!this.#over) this.#counters = this.#options.segment.counters;
    return this.#counters;
  }

  /** What 99 of 100 turns of its event loop did not exceed, in milliseconds; `null` before the first. */
  get turnP99Ms(): number | null {
    return this.#over ? null : turnQuantile(this.#options.segment.turnTimes, 0.99);
  }

  /** How long it has not given a sign of life. */
  get heartbeatAgeMs(): number {
    return this.#over ? 0 : this.#options.segment.workerHeartbeatAgeMs;
  }

  /**
   * Has it answer a message as it would a client.
   *
   * @throws {RequestFailedError} What it says is wrong.
   * @throws {DeadlineExceededError} It does not answer in time, and is told that nobody waits any more.
   */
  async ask(message: WorkerQuestion, deadlineMs: number): Promise<unknown> {
    return (await this.#options.segment.request("message", message, { deadlineMs })).answer;
  }

  /**
   * Has it present this certificate to clients that connect from now on, unless it has been told to before.
   *
   * @throws {RequestFailedError} It cannot, and goes on with the one it has.
   * @throws {DeadlineExceededError} It does not say in time.
   */
  async present(files: UsedFiles): Promise<void> {
    const before = this.#presents;
    if (this.#over || this.#leaving || files.certificateFile === before) return;
    this.#presents = files.certificateFile;
    try {
      const { segment } = this.#options;
      const options = { deadlineMs: PRESENT_MS };
      const { fingerprint } = await segment.request("use-certificate", files, options);
      this.#fingerprint = fingerprint;
    } catch (error) {
      this.#presents = before;
      throw error;
    }
  }

  /** Asks it something. @throws {RequestFailedError | DeadlineExceededError} */
  request<Name extends keyof ManagerRequests>(
    name: Name,
    params: ManagerRequests[Name]["params"],
    deadlineMs: number,
  ): Promise<ManagerRequests[Name]["answer"]> {
    return this.#options.segment.request(name, params, { deadlineMs });
  }

  /** Tells it which key to make tickets with, unless it knows. */
  tellTicketKey(key: string): void {
    if (this.#over || this.#leaving || key === this.#ticketKey) return;
    this.#ticketKey = key;
    void this.#send({ type: "ticket-key", key });
  }

  /** Tells it who else is ready, unless it knows. */
  tellSiblings(siblings: Sibling[], own?: Sibling): void {
    const news: SiblingNews = own === undefined ? { siblings } : { siblings, own };
    const unchanged = JSON.stringify(news) === JSON.stringify(this.#siblings);
    if (this.#over || this.#leaving || unchanged) return;
    this.#siblings = news;
    this.#telling ??= this.#tell().finally(() => this.#telling = undefined);
  }

  /**
   * Ends it: asks it to stop, after `deadlineMs` tells it to, and then makes it. With `now` it is not
   * asked. Asking again with `now` hurries it up.
   */
  async stop({ now, deadlineMs }: StopOptions): Promise<void> {
    if (!now) {
      this.#leaving ??= deadlineMs > 0 ? "draining" : "stopping";
      void this.#send({ type: "stop", deadlineMs });
      if (await settlesWithin(this.ended, deadlineMs + STOP_GRACE_MS)) return;
      logger.warning("Worker {port} does not stop by itself after {deadlineMs} ms", {
        port: this.#options.config.port,
        deadlineMs,
      });
    }
    this.#leaving = "stopping";
    await this.#terminate();
  }

  /** Leaves it to itself as it was found, or ends it now, if it is this manager's own. */
  async letGo(): Promise<void> {
    const { letGo } = this.#options;
    if (letGo === undefined || this.#over) return await this.stop({ now: true, deadlineMs: 0 });
    this.#letGo = true;
    this.#leaving = "stopping";
    letGo();
    await this.ended;
  }

  /** Ends it on the spot: nothing of it is worth a wait. */
  async discard(): Promise<void> {
    this.#leaving = "stopping";
    this.#options.process.kill("SIGKILL");
    await this.ended;
  }

  async #terminate(): Promise<void> {
    const { process } = this.#options;
    process.kill("SIGTERM");
    if (await settlesWithin(this.ended, LEAVE_MS)) return;
    process.kill("SIGKILL");
    await this.ended;
  }

  async #live(): Promise<WorkerFailure | undefined> {
    const { config, process, tokens, rates, adopted } = this.#options;
    const silence = new AbortController();
    const listening = this.#listen(silence.signal);
    const beating = onBeat(() => this.#beat());
    this.#beat();
    using _reading = tokens.join((good) => this.#tellTokens(good));
    if (adopted) void this.#tellTokens(tokens.current);
    else void this.#send({ type: "start", config, tokens: tokens.current.map(grantOf) });
    using _pacing = rates.join((shared) => this.#tellRates(shared));
    // What the manager before has set is over with it.
    if (adopted) this.#tellRates(rates.current).catch(() => {});
    this.#exit = await process.exited;
    beating[Symbol.dispose]();
    silence.abort();
    await listening;
    // One that has left by itself has ended its actions before.
    if (this.#exit.code !== 0 && Object.keys(config.actions ?? {}).length > 0) {
      await endActionsOf(this.#options.segment.name);
    }
    // Why it has failed, perhaps: its end may be known before its last words are read.
    if (!this.#letGo) {
      for (const message of this.#options.segment.lastMessages()) this.#hear(message);
    }
    await this.#release();
    this.#ready.resolve(undefined);
    if (this.#failure || this.#leaving) return this.#failure;
    return deathOf(this.#exit, process.lastLines);
  }

  #adopt({ port, msquic, uptimeMs, fingerprint }: WorkerIdentity): void {
    this.#fingerprint = fingerprint;
    const now = performance.now();
    this.#readyAt = now - uptimeMs;
    this.#cpu.begin(now, this.counters.cpuMicros);
    this.#ready.resolve({ type: "ready", port, pid: this.pid, msquic });
  }

  async #listen(signal: AbortSignal): Promise<void> {
    try {
      for await (const message of this.#options.segment.messages(signal)) this.#hear(message);
    } catch (error) {
      if (!signal.aborted) this.#condemn(toFailure(error));
    }
  }

  #hear(message: WorkerMessage): void {
    switch (message.type) {
      case "ready":
        this.#readyAt ??= performance.now();
        this.#fingerprint = message.fingerprint;
        this.#ready.resolve(message);
        break;
      case "failed":
        this.#gaveUp = true;
        this.#failure ??= message.error;
        settlesWithin(this.ended, LEAVE_MS)
          .then((left) => left || this.#options.process.kill("SIGKILL"));
        break;
      case "event-interest":
      case "events":
        this.#place.hear(message);
        break;
      case "audit":
        passOnAudit(message.text);
        break;
      case "stopped":
        logger.debug("Worker {port} has stopped", { port: this.#options.config.port });
        break;
    }
  }

  #beat(): void {
    if (this.#over) return;
    const { segment } = this.#options;
    segment.beat();
    const now = performance.now();
    this.#cpu.sample(now, this.counters.cpuMicros);
    const failure = this.#watch.look(now, {
      opened: segment.workerPid !== 0,
      ready: this.#readyAt !== undefined,
      loopAgeMs: segment.workerHeartbeatAgeMs,
      // One that leaves closes its network while it still lives.
      lastOwnType: this.counters.lastOwnType,
      pollAgeMs: this.#leaving ? 0 : segment.workerPollAgeMs,
    });
    if (failure) this.#condemn(failure);
    if (segment.corrupt) {
      const message = "What it left in the shared memory makes no sense";
      this.#condemn({ code: "segment-corrupt", message });
    }
  }

  /**
   * Tells it which tokens are good. One that does not take note of it is ended, with all its sessions: its
   * successor knows.
   *
   * @returns How many sessions of others that has ended.
   */
  async #tellTokens(tokens: readonly TokenGrant[]): Promise<number> {
    if (this.#over) return 0;
    try {
      const { segment } = this.#options;
      const params = { tokens: tokens.map(grantOf) };
      return (await segment.request("tokens", params, { deadlineMs: TELL_MS })).ended;
    } catch (error) {
      if (this.#over) return 0;
      const message = `It has not taken note of which tokens are good: ${toFailure(error).message}`;
      this.#condemn({ code: "worker-stalled", message });
      await this.ended;
      return 0;
    }
  }

  /** @throws It has not taken note. */
  async #tellRates(rates: Rates): Promise<void> {
    if (this.#over) return;
    try {
      await this.#options.segment.request("limit-rates", { ...rates, tokens: [...rates.tokens] }, {
        deadlineMs: this.#readyAt === undefined ? TELL_STARTING_MS : TELL_MS,
      });
    } catch (error) {
      if (this.#over) return;
      logger.warning("Worker has not taken note of how fast its clients may be: {error}", {
        error,
      });
      throw error;
    }
  }

  /** While one message waits for room, only the newest of those that follow is kept. */
  async #tell(): Promise<void> {
    let told: SiblingNews | undefined;
    while (this.#siblings !== undefined && told !== this.#siblings) {
      told = this.#siblings;
      await this.#send({ type: "siblings", ...told });
    }
  }

  async #send(message: ManagerMessage): Promise<void> {
    try {
      await this.#options.segment.send(message);
    } catch (error) {
      // A worker that has gone cannot be told anything; that it has is found out elsewhere.
      if (!this.#over) this.#condemn(toFailure(error));
    }
  }

  #condemn(failure: WorkerFailure): void {
    this.#failure ??= failure;
    this.#options.process.kill("SIGKILL");
  }

  async #release(): Promise<void> {
    const { segment, segments } = this.#options;
    this.#counters = this.counters;
    this.#uptimeMs = this.uptimeMs;
    this.#over = true;
    this.#place[Symbol.dispose]();
    if (this.#letGo) return await segment.letGo();
    await segment[Symbol.asyncDispose]();
    segments.remove(segment.name);
  }
}
