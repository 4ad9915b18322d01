import { CodedError, commandLine } from "../../base/mod.ts";
import type { FailedRestart } from "./worker_failure.ts";

/** There is no worker on a port that was named. */
export class NoSuchWorkerError extends CodedError {
  readonly code = "no-worker";

  /** @param ports Those that were named in vain; none where there is no worker at all. */
  constructor(ports: readonly number[], instance: string) {
    const list = commandLine("status", instance);
    const where = `on port${ports.length > 1 ? "s" : ""} ${ports.join(", ")}`;
    const what = ports.length === 0 ? "There is no worker" : `There is no worker ${where}`;
    super(`${what}; to list the workers: ${list}`);
  }
}

/** There is a worker on the port already. */
export class WorkerExistsError extends CodedError {
  readonly code = "worker-exists";

  constructor(port: number, state: string, instance: string) {
    super(
      `Cannot spawn a worker on port ${port}: there is one, and it is ${state}; ` +
        (state === "ready"
          ? "leave out --port to add one on the next free port"
          : `start it again with: ${commandLine(`restart ${port}`, instance)}`),
    );
  }
}

/** The worker that is asked for something has no process at the moment. */
export class NoWorkerProcessError extends CodedError {
  readonly code = "not-started";

  constructor(port: number, state: string, instance: string) {
    const see = commandLine("status", instance);
    super(`Worker ${port} cannot answer: it is ${state}; to see the workers: ${see}`);
  }
}

/** There are as many workers as there can be. */
export class TooManyWorkersError extends CodedError {
  readonly code = "too-many-workers";

  constructor(max: number) {
    super(`Cannot spawn another worker: there are ${max} already, and no more are possible`);
  }
}

/** What was asked for was overtaken by something else that was asked for. */
export class SupersededError extends CodedError {
  readonly code = "superseded";

  constructor(port: number, instance: string) {
    const see = commandLine("status", instance);
    super(`Worker ${port} was stopped or restarted by somebody else meanwhile; see: ${see}`);
  }
}

/** The manager is shutting down and starts no more workers. */
export class ShuttingDownError extends CodedError {
  readonly code = "shutting-down";

  constructor() {
    super("Cannot start a worker: the manager is shutting down");
  }
}

/** Workers that were to be restarted did not become ready, or were not restarted for good reason. */
export class RestartError extends CodedError {
  readonly code = "restart-failed";

  /**
   * @param failures What went wrong, by port; at least one.
   * @param untouched Ports whose turn has not come, and will not.
   */
  constructor(failures: ReadonlyMap<number, FailedRestart>, untouched: readonly number[] = []) {
    const reasons = Array.from(
      failures,
      ([port, { failure, kept }]) =>
        kept
          ? `Worker ${port} serves on as it was, since its successor cannot start: ${failure.message}`
          : `Worker ${port} did not become ready after its restart: ${failure.message}`,
    );
    const left = untouched.length > 0 ? [`left as they were: ${untouched.join(", ")}`] : [];
    super([...reasons, ...left].join("; "));
  }
}
