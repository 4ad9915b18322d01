import { CodedError, commandLine } from "../../base/mod.ts";
import { status, type WorkerStatus } from "../../handlers/commands/mod.ts";

/** How long a manager may take to say how its workers are, in milliseconds. */
const STATUS_MS = 2000;

/** An instance has a manager, but none of its workers serves. */
export class NoWorkerServesError extends CodedError {
  readonly code = "no-worker";

  /** @param workers All there are. */
  constructor(instance: string, workers: readonly WorkerStatus[], options?: ErrorOptions) {
    super(
      `No worker of instance "${instance}" serves: ${describe(workers)}; ${
        advice(workers, instance)
      }`,
      options,
    );
  }
}

/** Why no worker of a local instance serves; `undefined` if one does, or if its manager does not tell. */
export async function whyUnserved(
  instance: string,
  options?: ErrorOptions,
): Promise<NoWorkerServesError | undefined> {
  const { callCommand, StateDirectory } = await import("../../manager/control/mod.ts");
  try {
    const limit = { timeoutMs: STATUS_MS };
    const { workers } = await callCommand(new StateDirectory(instance), status, {}, limit);
    if (workers.some(({ state }) => state === "ready")) return undefined;
    return new NoWorkerServesError(instance, workers, options);
  } catch {
    return undefined;
  }
}

function describe(workers: readonly WorkerStatus[]): string {
  if (workers.length === 0) return "it has none";
  if (workers.every(({ state }) => state === "stopped")) return "all are stopped";
  return workers.map(({ port, state, lastError }) => {
    const why = lastError === null ? "" : ` (${lastError})`;
    switch (state) {
      case "stopped":
        return `${port} is stopped`;
      case "failed":
        return `${port} has failed${why}`;
      case "backoff":
        return `${port} is about to be started again${why}`;
      default:
        return `${port} is ${state}`;
    }
  }).join(", ");
}

function advice(workers: readonly WorkerStatus[], instance: string): string {
  if (workers.length === 0) return `add one with: ${commandLine("spawn", instance)}`;
  const atRest = workers.every(({ state }) => state === "stopped" || state === "failed");
  if (atRest) return `start them with: ${commandLine("restart all", instance)}`;
  return `try again soon, and see: ${commandLine("status", instance)}`;
}
