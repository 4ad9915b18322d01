import type { TaskDefinition } from "./definition.ts";
import {
  TaskQueueFullError,
  TasksClosedError,
  TaskThreadLostError,
  UnknownTaskError,
} from "./errors.ts";
import { Job, type JobEnd, type JobKeeper, type RunOptions } from "./job.ts";
import { TaskQueue } from "./task_queue.ts";
import { type TaskCounters, type TaskFigures, TaskStatistics } from "./task_statistics.ts";
import { TaskThread } from "./task_thread.ts";

/** How a pool is made. */
export interface TaskPoolOptions {
  /** How many threads there are at most. */
  readonly threads: number;
  /** Tasks that can be had done by their names alone. */
  readonly named?: readonly TaskDefinition[];
  /** How many tasks may wait for one; 256 by default. */
  readonly maxQueued?: number;
  /** After how long without work a thread is ended, in milliseconds; 30,000 by default. */
  readonly idleMs?: number;
  /** How long after its deadline a task has to return, in milliseconds, or its thread is ended; 500 by default. */
  readonly graceMs?: number;
  /** Where to count. */
  readonly counters?: TaskCounters;
  /** Hears of each thread that has crashed or was ended, what it did, and why. */
  readonly onLost?: (task: string | undefined, reason: string) => void;
}

/** How a pool is doing. */
export interface PoolFigures {
  /** How many threads there are now. */
  readonly threads: number;
  /** By the names of tasks. */
  readonly tasks: Readonly<Record<string, Readonly<TaskFigures>>>;
}

const MAX_QUEUED = 256;
const IDLE_MS = 30_000;
const GRACE_MS = 500;

/**
 * Threads of this process that do what would hold up its event loop. They are started when they are needed,
 * and ended after a while without work. Each does one task at a time; what all threads are busy for waits,
 * up to a limit.
 *
 * A task harms none but itself: what it throws is its own error, and a thread that has crashed, or does not
 * come back from a task by its deadline, is replaced. A task that nobody waits for any more is told so, and
 * has its thread until it returns, or its deadline.
 */
export class TaskPool implements Disposable {
  readonly #limit: number;
  readonly #named: ReadonlyMap<string, TaskDefinition>;
  readonly #idleMs: number;
  readonly #graceMs: number;
  readonly #onLost: TaskPoolOptions["onLost"];
  readonly #queue: TaskQueue<Job>;
  readonly #statistics: TaskStatistics;
  /** All of them, with the timer that will end them: for want of work, or for a task that goes on. */
  readonly #threads = new Map<TaskThread, ReturnType<typeof setTimeout> | undefined>();
  #closed = false;

  constructor(options: TaskPoolOptions) {
    this.#limit = options.threads;
    this.#named = new Map(options.named?.map((task) => [task.name, task]));
    this.#idleMs = options.idleMs ?? IDLE_MS;
    this.#graceMs = options.graceMs ?? GRACE_MS;
    this.#onLost = options.onLost;
    this.#queue = new TaskQueue(options.maxQueued ?? MAX_QUEUED);
    this.#statistics = new TaskStatistics(options.counters);
  }

  /** How it is doing. */
  get figures(): PoolFigures {
    return { threads: this.#threads.size, tasks: this.#statistics.tasks };
  }

  /**
   * Has a task done.
   *
   * @param task What `defineTask` has defined; or its name, if it is one of those that are named.
   * @param input Is copied once a thread has the task, but for what is handed over or shared; until then it
   * is not to be changed.
   * @throws {TaskFailedError} It threw.
   * @throws {TaskDeadlineError} It was not done in time.
   * @throws {UnknownTaskError} There is none of that name.
   * @throws {TaskQueueFullError} Too many wait already.
   * @throws {TaskThreadLostError} Its thread has crashed.
   * @throws {TasksClosedError} The pool is closed, or has been closed since.
   * @throws What the signal was aborted with.
   */
  run<Input, Output>(
    task: TaskDefinition<Input, Output> | string,
    input: Input,
    options: RunOptions = {},
  ): Promise<Output> {
    if (typeof task === "string") {
      const named = this.#named.get(task);
      if (named === undefined) return Promise.reject(new UnknownTaskError(task));
      return this.run(named as TaskDefinition<Input, Output>, input, options);
    }
    if (options.signal?.aborted) return Promise.reject(options.signal.reason);
    if (this.#closed) return Promise.reject(new TasksClosedError(task.name));
    const thread = this.#freeThread();
    if (thread === undefined && this.#queue.size >= this.#queue.limit) {
      return Promise.reject(new TaskQueueFullError(task.name, this.#queue.limit));
    }
    const job = new Job(task, input, options, this.#keeper);
    this.#statistics.queued(job);
    if (thread === undefined) this.#queue.add(job, job.priority);
    else this.#give(thread, job);
    return job.outcome as Promise<Output>;
  }

  /** Ends all threads, and with them whatever they do. */
  [Symbol.dispose](): void {
    this.#closed = true;
    for (let job = this.#queue.take(); job !== undefined; job = this.#queue.take()) {
      job.fail(new TasksClosedError(job.task.name));
    }
    for (const thread of this.#threads.keys()) {
      const { job } = thread;
      this.#end(thread);
      job?.fail(new TasksClosedError(job.task.name));
    }
  }

  readonly #keeper: JobKeeper = {
    began: (job, waitedMs) => this.#statistics.began(job, waitedMs),
    ended: (job: Job, how: JobEnd, ms) => this.#statistics.ended(job, how, ms),
    givenUp: (job) => {
      if (this.#queue.delete(job, job.priority)) return;
      this.#threads.keys().find((thread) => thread.job === job)?.cancel();
    },
  };

  /** One that has nothing to do, or may be started. */
  #freeThread(): TaskThread | undefined {
    for (const thread of this.#threads.keys()) if (thread.job === undefined) return thread;
    if (this.#threads.size >= this.#limit) return undefined;
    const thread = new TaskThread({
      onFree: () => this.#goOn(thread),
      onLost: (reason) => this.#replace(thread, reason),
    });
    this.#threads.set(thread, undefined);
    this.#statistics.threads(1);
    return thread;
  }

  /** What is not done some time after its deadline never will be. */
  #give(thread: TaskThread, job: Job): void {
    const limitMs = job.remainingMs + this.#graceMs;
    thread.give(job, limitMs);
    if (thread.job === undefined) return this.#goOn(thread); // it could not be handed over
    this.#setTimer(thread, limitMs, () => this.#replace(thread, "it goes on after its deadline"));
  }

  /** Gives a thread the next that waits. */
  #goOn(thread: TaskThread): void {
    const job = this.#queue.take();
    if (job !== undefined) this.#give(thread, job);
    else this.#setTimer(thread, this.#idleMs, () => this.#end(thread));
  }

  /** A thread has crashed, or does not come back. */
  #replace(thread: TaskThread, reason: string): void {
    const { job } = thread;
    this.#end(thread);
    this.#onLost?.(job?.task.name, reason);
    job?.fail(new TaskThreadLostError(job.task.name, reason));
    this.#serveQueue();
  }

  #serveQueue(): void {
    if (this.#queue.size === 0) return;
    const thread = this.#freeThread();
    if (thread !== undefined) this.#goOn(thread);
  }

  #end(thread: TaskThread): void {
    this.#setTimer(thread);
    if (!this.#threads.delete(thread)) return;
    thread.end();
    this.#statistics.threads(-1);
  }

  /** A thread has one timer at most: the one before is gone. */
  #setTimer(thread: TaskThread, ms = 0, ring?: () => void): void {
    clearTimeout(this.#threads.get(thread));
    if (this.#threads.has(thread)) {
      this.#threads.set(thread, ring === undefined ? undefined : setTimeout(ring, ms));
    }
  }
}
