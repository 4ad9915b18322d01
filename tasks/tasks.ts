import type { TaskDefinition } from "./definition.ts";
import type { RunOptions } from "./job.ts";
import type { PoolFigures, TaskPool, TaskPoolOptions } from "./task_pool.ts";

export type { PoolFigures };

/** Where tasks are done. */
export interface Tasks {
  /** Has a task done by another thread; see {@linkcode TaskPool.run}. */
  run<Input, Output>(
    task: TaskDefinition<Input, Output>,
    input: Input,
    options?: RunOptions,
  ): Promise<Output>;
  /** Has one done that `tasks` in the configuration, or of `Server.start()`, has by that name. */
  run(name: string, input: unknown, options?: RunOptions): Promise<unknown>;
}

const NO_FIGURES: PoolFigures = { threads: 0, tasks: {} };

/** A pool that is loaded when it is first needed: most servers never do. */
export class LatePool implements Tasks, AsyncDisposable {
  readonly #options: TaskPoolOptions;
  #loading: Promise<TaskPool> | undefined;
  #pool: TaskPool | undefined;
  #closed = false;

  constructor(options: TaskPoolOptions) {
    this.#options = options;
  }

  /** How it is doing. */
  get figures(): PoolFigures {
    return this.#pool?.figures ?? NO_FIGURES;
  }

  run<Input, Output>(
    task: TaskDefinition<Input, Output>,
    input: Input,
    options?: RunOptions,
  ): Promise<Output>;
  run(name: string, input: unknown, options?: RunOptions): Promise<unknown>;
  async run(
    task: TaskDefinition | string,
    input: unknown,
    options?: RunOptions,
  ): Promise<unknown> {
    const pool = this.#pool ?? await (this.#loading ??= this.#load());
    return await pool.run(task, input, options);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed = true;
    (await this.#loading)?.[Symbol.dispose]();
  }

  async #load(): Promise<TaskPool> {
    const { TaskPool } = await import("./task_pool.ts");
    this.#pool = new TaskPool(this.#options);
    if (this.#closed) this.#pool[Symbol.dispose]();
    return this.#pool;
  }
}
