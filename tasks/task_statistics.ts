import type { CounterName } from "../base/counters.ts";
import type { Job, JobEnd } from "./job.ts";

/** What has become of the jobs of one task. */
export interface TaskFigures {
  /** Now waiting for a thread. */
  queued: number;
  /** Now being done. */
  running: number;
  done: number;
  /** Those that threw, were not done in time, or lost their thread. */
  failed: number;
  /** Those that whoever wanted them gave up. */
  cancelled: number;
  /** For a thread, by all of them together, in milliseconds. */
  waitedMs: number;
  /** In a thread, by all that are over, in milliseconds. */
  tookMs: number;
}

/** Where a worker counts. */
export interface TaskCounters {
  add(name: CounterName, amount: number): void;
}

/** Counts what becomes of jobs: by task here, and of all together in the worker's counters. */
export class TaskStatistics {
  readonly #counters: TaskCounters | undefined;
  readonly #tasks = new Map<string, TaskFigures>();

  constructor(counters: TaskCounters | undefined) {
    this.#counters = counters;
  }

  /** By the names of tasks. */
  get tasks(): Readonly<Record<string, Readonly<TaskFigures>>> {
    return Object.fromEntries(this.#tasks);
  }

  /** So many threads more, or fewer. */
  threads(more: number): void {
    this.#counters?.add("taskThreads", more);
  }

  queued(job: Job): void {
    this.#of(job).queued++;
    this.#counters?.add("tasksQueued", 1);
  }

  began(job: Job, waitedMs: number): void {
    this.#unqueued(job, waitedMs);
    this.#of(job).running++;
    this.#counters?.add("tasksRunning", 1);
  }

  ended(job: Job, how: JobEnd, ms: number): void {
    const figures = this.#of(job);
    figures[how]++;
    if (how !== "cancelled") this.#counters?.add(how === "done" ? "tasksDone" : "tasksFailed", 1);
    if (!job.began) return this.#unqueued(job, ms);
    figures.running--;
    figures.tookMs += ms;
    this.#counters?.add("tasksRunning", -1);
    this.#counters?.add("taskMicros", micros(ms));
  }

  #unqueued(job: Job, waitedMs: number): void {
    const figures = this.#of(job);
    figures.queued--;
    figures.waitedMs += waitedMs;
    this.#counters?.add("tasksQueued", -1);
    this.#counters?.add("taskWaitMicros", micros(waitedMs));
  }

  #of({ task: { name } }: Job): TaskFigures {
    let figures = this.#tasks.get(name);
    if (figures === undefined) {
      figures = {
        queued: 0,
        running: 0,
        done: 0,
        failed: 0,
        cancelled: 0,
        waitedMs: 0,
        tookMs: 0,
      };
      this.#tasks.set(name, figures);
    }
    return figures;
  }
}

function micros(ms: number): number {
  return Math.round(ms * 1000);
}
