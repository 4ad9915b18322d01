import { getLogger } from "@logtape/logtape";
import {
  type Counters,
  emptyCounters,
  ManagerEnd,
  type ManagerMessage,
  type WorkerConfig,
  type WorkerMessage,
} from "../ipc/mod.ts";
import { CpuMeter } from "./cpu_meter.ts";
import { settlesWithin } from "./delay.ts";
import type { SegmentLedger } from "./segment_ledger.ts";
import type { SelfCommand } from "./self_command.ts";
import { toFailure, type WorkerFailure } from "./worker_failure.ts";
import { type ProcessExit, WorkerProcess } from "./worker_process.ts";

const logger = getLogger(["msquicd", "manager"]);

/** What a worker says of itself when it is ready. */
export type ReadyMessage = Extract<WorkerMessage, { type: "ready" }>;

/** What a worker needs to come to life. */
export interface WorkerLifeOptions {
  command: SelfCommand;
  config: WorkerConfig;
  /** Counts the lives of one worker. */
  generation: number;
  segments: SegmentLedger;
  startDeadlineMs: number;
}

const BEAT_MS = 250;

/** How long a worker that said it failed may take to leave, and one that got SIGTERM. */
const LEAVE_MS = 1000;

/** On top of the deadline the worker knows of, so that it can meet that one. */
const STOP_GRACE_MS = 500;

/**
 * One life of a worker: its process and the shared memory that connects it with us, from start to
 * end. However it ends, both are gone afterwards.
 */
export class WorkerLife {
  readonly #segment: ManagerEnd;
  readonly #process: WorkerProcess;
  readonly #options: WorkerLifeOptions;
  readonly #cpu = new CpuMeter(performance.now());
  readonly #ready = Promise.withResolvers<ReadyMessage | undefined>();
  #counters: Readonly<Counters> = emptyCounters();
  #readyAt: number | undefined;
  #over = false;
  #stopping = false;
  #failure: WorkerFailure | undefined;

  /** Settled with why it ended; `undefined` if it was asked to. Never rejects. */
  readonly ended: Promise<WorkerFailure | undefined>;

  /** @throws {Error} If there is no shared memory to be had, or the process cannot be started. */
  constructor(options: WorkerLifeOptions) {
    const { command, config, generation, segments } = options;
    this.#options = options;
    this.#segment = ManagerEnd.create({
      instance: config.instance,
      port: config.port,
      generation,
    });
    segments.add(this.#segment.name);
    try {
      this.#process = new WorkerProcess(command, this.#segment.name);
    } catch (error) {
      this.#segment[Symbol.dispose]();
      segments.remove(this.#segment.name);
      throw error;
    }
    this.ended = this.#live();
  }

  get pid(): number {
    return this.#process.pid;
  }

  /** Settled when it is ready; with `undefined` if it ended before. Never rejects. */
  get ready(): Promise<ReadyMessage | undefined> {
    return this.#ready.promise;
  }

  /** Since it was ready, in milliseconds; 0 before. */
  get uptimeMs(): number {
    return this.#readyAt === undefined ? 0 : performance.now() - this.#readyAt;
  }

  get cpuPercent(): number {
    return this.#cpu.percent;
  }

  /** As they are now; as they were at last once it has ended. */
  get counters(): Readonly<Counters> {
    if (!this.#over) this.#counters = this.#segment.counters;
    return this.#counters;
  }

  /** How long it has not given a sign of life. */
  get heartbeatAgeMs(): number {
    return this.#over ? 0 : this.#segment.workerHeartbeatAgeMs;
  }

  /**
   * Ends it: asks it to stop, after `deadlineMs` tells it to, and then makes it. With `now` it is not
   * asked. Asking again with `now` hurries it up.
   */
  async stop({ now, deadlineMs }: { now: boolean; deadlineMs: number }): Promise<void> {
    this.#stopping = true;
    if (!now) {
      this.#send({ type: "stop", deadlineMs });
      if (await settlesWithin(this.ended, deadlineMs + STOP_GRACE_MS)) return;
      logger.warning("Worker {port} does not stop by itself after {deadlineMs} ms", {
        port: this.#options.config.port,
        deadlineMs,
      });
    }
    await this.#terminate();
  }

  async #terminate(): Promise<void> {
    this.#process.kill("SIGTERM");
    if (await settlesWithin(this.ended, LEAVE_MS)) return;
    this.#process.kill("SIGKILL");
    await this.ended;
  }

  async #live(): Promise<WorkerFailure | undefined> {
    const { startDeadlineMs, config } = this.#options;
    const silence = new AbortController();
    const listening = this.#listen(silence.signal);
    const beating = setInterval(() => this.#beat(), BEAT_MS);
    const starting = setTimeout(() => this.#condemnLate(startDeadlineMs), startDeadlineMs);
    this.#ready.promise.then(() => clearTimeout(starting));
    this.#beat();
    this.#send({ type: "start", config });
    const exit = await this.#process.exited;
    clearInterval(beating);
    clearTimeout(starting);
    silence.abort();
    await listening;
    await this.#release();
    this.#ready.resolve(undefined);
    if (this.#failure || this.#stopping) return this.#failure;
    return deathOf(exit, this.#process.lastLines);
  }

  async #listen(signal: AbortSignal): Promise<void> {
    try {
      for await (const message of this.#segment.messages(signal)) this.#hear(message);
    } catch (error) {
      if (!signal.aborted) this.#condemn(toFailure(error));
    }
  }

  #hear(message: WorkerMessage): void {
    switch (message.type) {
      case "ready":
        this.#readyAt ??= performance.now();
        this.#ready.resolve(message);
        break;
      case "failed":
        this.#failure ??= message.error;
        settlesWithin(this.ended, LEAVE_MS).then((left) => left || this.#process.kill("SIGKILL"));
        break;
      case "stopped":
        logger.debug("Worker {port} has stopped", { port: this.#options.config.port });
        break;
    }
  }

  #beat(): void {
    if (this.#over) return;
    this.#segment.beat();
    this.#cpu.sample(performance.now(), this.counters.cpuMicros);
    // An age is only as exact as it is often looked at.
    void this.heartbeatAgeMs;
    if (this.#segment.corrupt) {
      const message = "What it left in the shared memory makes no sense";
      this.#condemn({ code: "segment-corrupt", message });
    }
  }

  #send(message: ManagerMessage): void {
    this.#segment.send(message).catch((error) => {
      // A worker that has gone cannot be told anything; that it has is found out elsewhere.
      if (!this.#over) this.#condemn(toFailure(error));
    });
  }

  #condemnLate(startDeadlineMs: number): void {
    const message = `Not ready within ${startDeadlineMs / 1000} s`;
    this.#condemn({ code: "start-timeout", message });
  }

  #condemn(failure: WorkerFailure): void {
    this.#failure ??= failure;
    this.#process.kill("SIGKILL");
  }

  async #release(): Promise<void> {
    this.#counters = this.counters;
    this.#over = true;
    await this.#segment[Symbol.asyncDispose]();
    this.#options.segments.remove(this.#segment.name);
  }
}

function deathOf(exit: ProcessExit, lastLines: readonly string[]): WorkerFailure {
  const code = "worker-died";
  if (exit.signal) return { code, message: `Killed by ${exit.signal}` };
  const said = lastLines.at(-1);
  const how = `Exited with code ${exit.code}`;
  return { code, message: said ? `${how}; it said last: ${said}` : how };
}
