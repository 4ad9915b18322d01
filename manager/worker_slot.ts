import type { WorkerState, WorkerStatus } from "../handlers/commands/mod.ts";
import type { WorkerConfig } from "../ipc/mod.ts";
import { Backoff } from "./backoff.ts";
import { delay } from "./delay.ts";
import type { WorkerEvent } from "./events.ts";
import { PortInUseError } from "./port_allocator.ts";
import { isPortFree } from "./port_probe.ts";
import type { SegmentLedger } from "./segment_ledger.ts";
import type { SelfCommand } from "./self_command.ts";
import { toFailure, type WorkerFailure } from "./worker_failure.ts";
import { WorkerLife } from "./worker_life.ts";

/** What all lives of one worker have in common. */
export interface WorkerSlotOptions {
  config: WorkerConfig;
  command: SelfCommand;
  segments: SegmentLedger;
  startDeadlineMs: number;
  backoff?: Backoff;
  onEvent?: ((event: WorkerEvent) => void) | undefined;
}

/** How to stop. */
export interface StopOptions {
  /** Do not wait for what is still going on. */
  now: boolean;
  /** How long to wait for it otherwise, in milliseconds. */
  deadlineMs: number;
}

/**
 * One worker as the manager sees it: a port and a succession of lives.
 *
 * ```
 * stopped ─► starting ─► ready ─► backoff ─► starting …
 *                │                            any ─► stopping ─► stopped
 *                └─► failed (the first time only)
 * ```
 */
export class WorkerSlot {
  readonly #options: WorkerSlotOptions;
  readonly #backoff: Backoff;
  readonly #stop = new AbortController();
  #state: WorkerState = "stopped";
  #life: WorkerLife | undefined;
  #running: Promise<void> | undefined;
  #lives = 0;
  #lastError: WorkerFailure | undefined;
  #msquic: string | undefined;

  constructor(options: WorkerSlotOptions) {
    this.#options = options;
    this.#backoff = options.backoff ?? new Backoff();
  }

  get port(): number {
    return this.#options.config.port;
  }

  /** Version of its MsQuic library, once it has told. */
  get msquic(): string | undefined {
    return this.#msquic;
  }

  /**
   * Starts it for the first time. From when it is ready on, it is started again whenever it dies.
   *
   * @returns Why it did not become ready; `undefined` if it did, or if it was stopped meanwhile.
   */
  async start(): Promise<WorkerFailure | undefined> {
    const first = Promise.withResolvers<WorkerFailure | undefined>();
    this.#running = this.#keepAlive(first.resolve);
    return await first.promise;
  }

  /** Ends it for good. May be called again, with `now`, to hurry it up. */
  async stop(options: StopOptions): Promise<void> {
    this.#stop.abort();
    if (this.#life) {
      this.#state = "stopping";
      await this.#life.stop(options);
    }
    await this.#running;
  }

  status(): WorkerStatus {
    const life = this.#life;
    const counters = life?.counters;
    return {
      port: this.port,
      pid: life?.pid ?? null,
      state: this.#state,
      uptimeMs: Math.round(life?.uptimeMs ?? 0),
      restarts: Math.max(0, this.#lives - 1),
      sessions: counters?.sessions ?? 0,
      transfers: counters?.transfers ?? 0,
      bytesIn: counters?.bytesIn ?? 0,
      bytesOut: counters?.bytesOut ?? 0,
      rssBytes: counters?.rssBytes ?? 0,
      cpuPercent: life?.cpuPercent ?? 0,
      heartbeatAgeMs: life ? Math.round(life.heartbeatAgeMs) : null,
      lastError: this.#lastError?.message ?? null,
    };
  }

  async #keepAlive(
    firstDone: (failure: WorkerFailure | undefined) => void,
  ): Promise<void> {
    while (!this.#stop.signal.aborted) {
      const { failure, uptimeMs, becameReady } = await this.#liveOnce(() => firstDone(undefined));
      if (this.#stop.signal.aborted) break;
      if (this.#lives === 1 && !becameReady) {
        this.#state = "failed";
        firstDone(failure);
        return;
      }
      await this.#backOff(uptimeMs);
    }
    this.#state = "stopped";
    firstDone(undefined);
  }

  async #liveOnce(
    onReady: () => void,
  ): Promise<{ failure: WorkerFailure; uptimeMs: number; becameReady: boolean }> {
    let uptimeMs = 0;
    let becameReady = false;
    let failure: WorkerFailure | undefined;
    this.#state = "starting";
    const generation = ++this.#lives;
    try {
      if (generation > 1) await this.#checkPort();
      this.#stop.signal.throwIfAborted();
      const life = this.#life = new WorkerLife({ ...this.#options, generation });
      const ready = await life.ready;
      if (ready) {
        becameReady = true;
        this.#msquic = ready.msquic;
        if (!this.#stop.signal.aborted) this.#state = "ready";
        this.#emit({
          type: "worker-ready",
          port: this.port,
          pid: life.pid,
          restarts: generation - 1,
        });
        onReady();
      }
      failure = await life.ended;
      uptimeMs = life.uptimeMs;
    } catch (error) {
      failure = toFailure(error);
    }
    failure ??= { code: "worker-died", message: "Stopped" };
    this.#bury(failure);
    return { failure, uptimeMs, becameReady };
  }

  #bury(reason: WorkerFailure): void {
    const pid = this.#life?.pid ?? null;
    this.#life = undefined;
    if (this.#stop.signal.aborted) return;
    this.#lastError = reason;
    this.#emit({ type: "worker-died", port: this.port, pid, reason });
  }

  async #backOff(uptimeMs: number): Promise<void> {
    const delayMs = Math.round(this.#backoff.next(uptimeMs));
    this.#state = "backoff";
    this.#emit({ type: "worker-restarting", port: this.port, delayMs });
    try {
      await delay(delayMs, this.#stop.signal);
    } catch {
      // Stopped while waiting.
    }
  }

  /** Somebody may have taken the port while nobody listened on it. */
  async #checkPort(): Promise<void> {
    const { host } = this.#options.config;
    if (!await isPortFree(host, this.port)) throw new PortInUseError(host, this.port);
  }

  #emit(event: WorkerEvent): void {
    this.#options.onEvent?.(event);
  }
}
