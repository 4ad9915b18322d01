import type { TaskDefinition } from "./definition.ts";
import { TaskDeadlineError } from "./errors.ts";
import type { TaskPriority } from "./task_queue.ts";

/** How a task is run. */
export interface RunOptions {
  /** Gives up, with the signal's reason. */
  readonly signal?: AbortSignal;
  /** Whether it goes before others that wait; `normal` by default. */
  readonly priority?: TaskPriority;
  /**
   * How long it may take, with its wait for a thread, in milliseconds: a day at most; as the task says by
   * default.
   */
  readonly deadlineMs?: number;
  /** Memory of the input that is handed over instead of copied: it is the task's once it has begun. */
  readonly transfer?: readonly Transferable[];
}

/** Who takes note of what becomes of a job. */
export interface JobKeeper {
  /** It has begun after a wait, in milliseconds. */
  began(job: Job, waitedMs: number): void;
  /** It is over; `tookMs` since it began, or since it came if it never did. */
  ended(job: Job, how: JobEnd, tookMs: number): void;
  /** Nobody waits for it any more: it is over by then. */
  givenUp(job: Job): void;
}

/** How a job has ended. */
export type JobEnd = "done" | "failed" | "cancelled";

const DEADLINE_MS = 60_000;
const MAX_DEADLINE_MS = 24 * 60 * 60 * 1000;

let lastId = 0;

/** A task that is to be done once, and who waits for it. */
export class Job {
  /** Positive, in a word. */
  readonly id: number = lastId = lastId % 0x7fff_ffff + 1;
  readonly task: TaskDefinition<never>;
  readonly input: unknown;
  readonly transfer: readonly Transferable[];
  readonly priority: TaskPriority;
  readonly #keeper: JobKeeper;
  readonly #signal: AbortSignal | undefined;
  readonly #outcome = Promise.withResolvers<unknown>();
  readonly #timer: ReturnType<typeof setTimeout>;
  readonly #deadlineAt: number;
  #since = performance.now();
  #began = false;
  #over = false;

  constructor(
    task: TaskDefinition<never>,
    input: unknown,
    options: RunOptions,
    keeper: JobKeeper,
  ) {
    const { signal, priority = "normal", transfer = [] } = options;
    const wantedMs = options.deadlineMs ?? task.deadlineMs ?? DEADLINE_MS;
    const deadlineMs = Math.min(wantedMs, MAX_DEADLINE_MS);
    this.#deadlineAt = this.#since + deadlineMs;
    this.task = task;
    this.input = input;
    this.transfer = transfer;
    this.priority = priority;
    this.#keeper = keeper;
    this.#signal = signal;
    this.#timer = setTimeout(
      () => this.#giveUp("failed", new TaskDeadlineError(task.name, deadlineMs, this.#began)),
      deadlineMs,
    );
    signal?.addEventListener("abort", this.#cancel, { once: true });
  }

  /** What it comes to. */
  get outcome(): Promise<unknown> {
    return this.#outcome.promise;
  }

  get began(): boolean {
    return this.#began;
  }

  /** How long it may still take, in milliseconds. */
  get remainingMs(): number {
    return Math.max(0, this.#deadlineAt - performance.now());
  }

  /** A thread has it. */
  begin(): void {
    if (this.#over || this.#began) return;
    const now = performance.now();
    this.#began = true;
    this.#keeper.began(this, now - this.#since);
    this.#since = now;
  }

  succeed(output: unknown): void {
    if (this.#end("done")) this.#outcome.resolve(output);
  }

  fail(error: Error): void {
    if (this.#end("failed")) this.#outcome.reject(error);
  }

  readonly #cancel = () => this.#giveUp("cancelled", this.#signal?.reason);

  #giveUp(how: JobEnd, reason: unknown): void {
    if (!this.#end(how)) return;
    this.#outcome.reject(reason);
    this.#keeper.givenUp(this);
  }

  #end(how: JobEnd): boolean {
    if (this.#over) return false;
    this.#over = true;
    clearTimeout(this.#timer);
    this.#signal?.removeEventListener("abort", this.#cancel);
    this.#keeper.ended(this, how, performance.now() - this.#since);
    return true;
  }
}
