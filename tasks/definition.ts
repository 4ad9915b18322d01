/** What a task may know and use while it runs, in its thread. */
export interface TaskContext {
  /** Aborts when nobody waits for the task any more. A task that never waits itself does not hear of it. */
  readonly signal: AbortSignal;
  /**
   * The same, for one that only computes: it is to look from time to time, and may then return anything.
   * One that does not is ended with its thread.
   */
  readonly cancelled: boolean;

  /** Has memory of the output handed over instead of copied: the thread has it no longer then. */
  handOver(...memory: Transferable[]): void;
}

/** Work for a thread. Made by {@linkcode defineTask}. */
export interface TaskDefinition<Input = unknown, Output = unknown> {
  /** Of the task, unlike all others: for people, and for figures. */
  readonly name: string;
  /** URL of the module that has this definition as its default export: `import.meta.url`. */
  readonly module: string;
  /** How long it may take, with its wait for a thread, in milliseconds; a minute by default. */
  readonly deadlineMs?: number;

  /**
   * Does the work. What goes in and comes out is copied, as `structuredClone` does, if it is not handed
   * over, nor shared memory (`SharedArrayBuffer`).
   */
  run(input: Input, context: TaskContext): Output | Promise<Output>;
}

/**
 * Defines a task: the default export of a module of its own, which a thread loads as well. Whoever has it
 * done imports that module too, and so knows what goes in and what comes out.
 *
 * @example Count words on another thread
 * ```ts ignore
 * // count_words.ts
 * export default defineTask({
 *   name: "example.count-words",
 *   module: import.meta.url,
 *   run: (text: string) => text.split(/\s+/).length,
 * });
 *
 * // elsewhere
 * import countWords from "./count_words.ts";
 * const count = await pool.run(countWords, "three little words");
 * ```
 */
export function defineTask<Input, Output>(
  definition: TaskDefinition<Input, Output>,
): TaskDefinition<Input, Output> {
  return definition;
}
