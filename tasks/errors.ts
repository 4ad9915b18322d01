import { CodedError } from "../base/coded_error.ts";

/** There is no task of that name. */
export class UnknownTaskError extends CodedError {
  readonly code = "unknown-task";

  constructor(task: string) {
    super(`Cannot run task ${task}: no module in "tasks" of the configuration has it`);
  }
}

/** A task was not begun: as many as may wait do. */
export class TaskQueueFullError extends CodedError {
  readonly code = "task-queue-full";

  constructor(task: string, limit: number) {
    super(`Cannot run task ${task}: ${limit} tasks wait for a thread already; try again later`);
  }
}

/** A task was not done in time. If it has begun, its thread is ended where it goes on nevertheless. */
export class TaskDeadlineError extends CodedError {
  readonly code = "task-deadline";

  constructor(task: string, deadlineMs: number, began: boolean) {
    const what = began ? "was not done" : "found no free thread";
    super(`Task ${task} ${what} within ${deadlineMs} ms`);
  }
}

/** The thread that a task ran in has ended, by an error outside of the task or because of another one. */
export class TaskThreadLostError extends CodedError {
  readonly code = "task-thread-lost";

  constructor(task: string, reason: string) {
    super(`Task ${task} has lost its thread: ${reason}`);
  }
}

/** A task has thrown; `cause` is what, with its message, its stack and, if it had one, its code. */
export class TaskFailedError extends CodedError {
  readonly code = "task-failed";

  constructor(task: string, cause: Error) {
    super(`Task ${task} failed: ${cause.message}`, { cause });
  }
}

/** There are no threads any more, as the server has ended. */
export class TasksClosedError extends CodedError {
  readonly code = "tasks-closed";

  constructor(task: string) {
    super(`Cannot run task ${task}: the server ends`);
  }
}
