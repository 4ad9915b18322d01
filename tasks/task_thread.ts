import { leaveRemovedDirectory } from "../base/mod.ts";
import { programModule } from "../program_files.ts";
import { TaskFailedError } from "./errors.ts";
import type { Job } from "./job.ts";
import { errorFrom, type FromThread, type ToThread } from "./thread_messages.ts";

/** Who hears of a thread. */
export interface ThreadListener {
  /** It has done its job. */
  onFree(): void;
  /** It has ended without being told; its job is still to be settled. Called once at most. */
  onLost(reason: string): void;
}

/** One thread, and what it does. */
export class TaskThread {
  readonly #worker: Worker;
  readonly #listener: ThreadListener;
  /** One word: the job that nobody waits for any more. */
  readonly #cancelled = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT));
  #job: Job | undefined;
  #ended = false;

  /** Starts it, which takes some 40 ms, of which it needs none to be given its first job. */
  constructor(listener: ThreadListener) {
    this.#listener = listener;
    leaveRemovedDirectory(() => {});
    this.#worker = new Worker(programModule("tasks/thread"), { type: "module", name: "task" });
    this.#worker.onmessage = ({ data }: MessageEvent<FromThread>) => this.#settle(data);
    this.#worker.onerror = (event) => {
      event.preventDefault(); // or this process would end
      if (!this.#ended) listener.onLost(event.message);
    };
    this.#tell({ type: "begin", cancelled: this.#cancelled });
  }

  /** What it does now, also if nobody waits for that any more. */
  get job(): Job | undefined {
    return this.#job;
  }

  /**
   * Has it do a job, if it has none. If what goes in cannot be copied, the job fails, and it has none.
   *
   * @param breakMs How long it may compute without a wait, in milliseconds, until it is broken off.
   */
  give(job: Job, breakMs: number): void {
    const { id, task: { name, module }, input, transfer } = job;
    try {
      this.#tell({ type: "run", id, name, module, input, breakMs }, transfer);
    } catch (error) {
      return job.fail(new TaskFailedError(name, error as Error));
    }
    this.#job = job;
    job.begin();
  }

  /** Lets it know that nobody waits for what it does. */
  cancel(): void {
    if (this.#job === undefined) return;
    const { id } = this.#job;
    Atomics.store(this.#cancelled, 0, id);
    this.#tell({ type: "cancel", id });
  }

  /**
   * Ends it. An endless loop that has been broken off by then does not go on; in Deno 2.9 any other does,
   * since there `terminate()` only keeps the thread from its next turn (seen with 2.9.6, not with 2.6.10).
   */
  end(): void {
    this.#ended = true;
    this.#worker.terminate();
  }

  #tell(message: ToThread, transfer: readonly Transferable[] = []): void {
    this.#worker.postMessage(message, [...transfer]);
  }

  #settle(result: FromThread): void {
    const job = this.#job;
    if (this.#ended || job?.id !== result.id) return;
    this.#job = undefined;
    if ("error" in result) job.fail(new TaskFailedError(job.task.name, errorFrom(result.error)));
    else job.succeed(result.output);
    this.#listener.onFree();
  }
}
