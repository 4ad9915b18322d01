/**
 * Work on threads beside the event loop.
 *
 * @module
 */
export { defineTask, type TaskContext, type TaskDefinition } from "./definition.ts";
export {
  TaskDeadlineError,
  TaskFailedError,
  TaskQueueFullError,
  TasksClosedError,
  TaskThreadLostError,
  UnknownTaskError,
} from "./errors.ts";
export type { RunOptions } from "./job.ts";
export type { PoolFigures, TaskPool, TaskPoolOptions } from "./task_pool.ts";
export type { TaskPriority } from "./task_queue.ts";
export type { TaskCounters, TaskFigures } from "./task_statistics.ts";
export { LatePool, type Tasks } from "./tasks.ts";
