import type { TaskContext, TaskDefinition, Tasks } from "../../../tasks/mod.ts";

const context: TaskContext = {
  signal: new AbortController().signal,
  cancelled: false,
  handOver() {},
};

/** Tasks that are done on this thread. */
export class FakeTasks implements Tasks {
  /** By name, how many there were. */
  readonly counts = new Map<string, number>();
  /** What all of them fail with. */
  failure: Error | undefined;

  async run(task: TaskDefinition<never> | string, input: unknown): Promise<never> {
    if (typeof task === "string") throw new Error(`No task is called ${task}`);
    this.counts.set(task.name, (this.counts.get(task.name) ?? 0) + 1);
    if (this.failure !== undefined) throw this.failure;
    return await task.run(input as never, context) as never;
  }
}
