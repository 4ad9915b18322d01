import { commandLine, delay, type WorkerExit, type WorkerState } from "../../base/mod.ts";
import { Backoff } from "./backoff.ts";
import type { WorkerEvent } from "./events.ts";
import type { RestartPolicy } from "../config/restart_policy.ts";
import { RestartWindow } from "./restart_window.ts";
import { toFailure, type WorkerFailure } from "./worker_failure.ts";
import type { StopOptions, WorkerLife } from "./worker_life.ts";

/** What is known of a worker from all its lives. */
export interface WorkerRecord {
  /** How many there were. */
  lives: number;
  /** Why the last one that was not to end did, or why there is none. */
  lastError: WorkerFailure | undefined;
  lastExit: WorkerExit | undefined;
  /** Version of its MsQuic library, once it has told. */
  msquic: string | undefined;
}

/** What a run of lives takes. */
export interface WorkerRunOptions {
  instance: string;
  port: number;
  policy: RestartPolicy;
  /** Give the worker up if already its first life does not become ready. */
  onlyIfReady: boolean;
  /** Begins a life. */
  newLife: (generation: number) => Promise<WorkerLife>;
  /** Is kept up to date. */
  record: WorkerRecord;
  emit: (event: WorkerEvent) => void;
}

/** How one life went. */
interface LifeOutcome {
  failure: WorkerFailure;
  ranMs: number;
  becameReady: boolean;
  /** It was not there, or was itself in order, and missed something that may come back. */
  innocent: boolean;
  /** Missing, if there was no process. */
  exit?: WorkerExit | undefined;
}

/**
 * A worker's lives from its start until it is stopped or given up, one after the other.
 *
 * ```
 * starting ─► ready ─► backoff ─► starting …
 *        any ─► draining, stopping ─► over
 *        any ─► failed
 * ```
 */
export class WorkerRun {
  readonly #options: WorkerRunOptions;
  readonly #stop = new AbortController();
  readonly #first = Promise.withResolvers<WorkerFailure | "ready" | "stopped">();
  readonly #over: Promise<void>;
  #state: WorkerState = "starting";
  #life: WorkerLife | undefined;

  constructor(options: WorkerRunOptions) {
    this.#options = options;
    this.#over = this.#run();
  }

  /** What became of its first life. Never rejects. */
  get first(): Promise<WorkerFailure | "ready" | "stopped"> {
    return this.#first.promise;
  }

  get state(): WorkerState {
    if (!this.#stop.signal.aborted) return this.#state;
    return this.#life?.leaving ?? "stopping";
  }

  /** The life that is going on, if one is. */
  get life(): WorkerLife | undefined {
    return this.#life;
  }

  /** Ends it for good. May be called again, with `now`, to hurry it up. */
  async stop(options: StopOptions): Promise<void> {
    this.#stop.abort();
    await this.#life?.stop(options);
    await this.#over;
  }

  /** As stop, but a worker that was there before this manager is left to itself. */
  async letGo(): Promise<void> {
    this.#stop.abort();
    await this.#life?.letGo();
    await this.#over;
  }

  async #run(): Promise<void> {
    const { policy, onlyIfReady, port } = this.#options;
    const backoff = new Backoff(policy);
    const restarts = new RestartWindow(policy);
    const { signal } = this.#stop;
    for (let life = 1; !signal.aborted; life++) {
      const outcome = await this.#liveOnce();
      if (signal.aborted) break;
      const { failure, exit, becameReady, ranMs } = outcome;
      if (life === 1 && onlyIfReady && !becameReady) return this.#giveUp(failure);
      if (exit?.signal === null && policy.doNotRestartExitCodes.includes(exit.code)) {
        return this.#giveUp(failure, `exit code ${exit.code} is not restarted`);
      }
      if (!outcome.innocent && !restarts.admit(performance.now())) {
        const { intensity, periodMs } = policy;
        const often = `more than ${intensity} restarts within ${periodMs / 1000} s`;
        return this.#giveUp(failure, `given up after ${often}`);
      }
      const delayMs = Math.round(backoff.next(ranMs));
      this.#state = "backoff";
      this.#first.resolve(failure);
      this.#options.emit({ type: "worker-restarting", port, delayMs });
      await delay(delayMs, signal).catch(() => {}); // stopped while waiting
    }
    this.#first.resolve("stopped");
  }

  async #liveOnce(): Promise<LifeOutcome> {
    const { newLife, record } = this.#options;
    this.#state = "starting";
    const generation = ++record.lives;
    let life: WorkerLife;
    try {
      life = await newLife(generation);
    } catch (error) {
      const failure = toFailure(error);
      this.#bury(failure, null);
      return { failure, ranMs: 0, becameReady: false, innocent: true };
    }
    this.#life = life;
    // Stopped while it was being made: nobody has told it.
    if (this.#stop.signal.aborted) void life.stop({ now: true, deadlineMs: 0 });
    const ready = await life.ready;
    if (ready) this.#noteReady(life, ready.msquic, generation);
    const failure = await life.ended;
    const exit = record.lastExit = exitOf(life);
    this.#life = undefined;
    const becameReady = ready !== undefined;
    const innocent = !becameReady && life.gaveUp;
    const rest = { ranMs: life.uptimeMs, becameReady, innocent, exit };
    if (failure) this.#bury(failure, life.pid);
    return { ...rest, failure: failure ?? { code: "worker-died", message: "Stopped" } };
  }

  #noteReady(life: WorkerLife, msquic: string, generation: number): void {
    const { record, port, emit } = this.#options;
    record.msquic = msquic;
    this.#state = "ready";
    emit({ type: "worker-ready", port, pid: life.pid, restarts: generation - 1 });
    this.#first.resolve("ready");
  }

  #bury(reason: WorkerFailure, pid: number | null): void {
    const { record, port, emit } = this.#options;
    // The shadow of a stop is no failure.
    if (this.#stop.signal.aborted && pid === null) return;
    record.lastError = reason;
    emit({ type: "worker-died", port, pid, reason });
  }

  /** @param why What it is given up for, besides the failure itself. */
  #giveUp(failure: WorkerFailure, why?: string): void {
    const { record, instance, port, emit } = this.#options;
    const restart = commandLine(`restart ${port}`, instance);
    const advice = `once it is mended, start it with: ${restart}`;
    const message = why === undefined ? failure.message : `${failure.message}; ${why}; ${advice}`;
    const reason = record.lastError = { code: failure.code, message };
    this.#state = "failed";
    emit({ type: "worker-failed", port, reason });
    this.#first.resolve(failure);
  }
}

function exitOf({ exit, lastLines }: WorkerLife): WorkerExit | undefined {
  return exit && { code: exit.code, signal: exit.signal, at: Date.now(), stderr: [...lastLines] };
}
