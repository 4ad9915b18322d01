import { CodedErrorOf } from "../../base/mod.ts";

/** Why a worker did not start, or died. */
export interface WorkerFailure {
  /** Stable, kebab-case: the worker's own code, or one of the supervisor's. */
  readonly code: string;
  readonly message: string;
}

/** Why a restart has not brought a worker that is ready. */
export interface FailedRestart {
  readonly failure: WorkerFailure;
  /** Whether the worker that was there serves on, as its successor would not have come up. */
  readonly kept: boolean;
}

/** The failure that a thrown `error` stands for. */
export function toFailure(error: unknown): WorkerFailure {
  if (!(error instanceof Error)) return { code: "worker-failed", message: String(error) };
  const code = "code" in error && typeof error.code === "string" ? error.code : "worker-failed";
  return { code, message: error.message };
}

/** One or more workers did not come up, and so none runs; the code is that of the first failure. */
export class WorkerStartError extends CodedErrorOf<string> {
  readonly failures: ReadonlyMap<number, WorkerFailure>;

  /** @param failures What went wrong, by port; at least one. */
  constructor(failures: ReadonlyMap<number, WorkerFailure>) {
    const code = failures.values().next().value?.code ?? "worker-failed";
    super(code, `Cannot start ${reasonsOf(failures).join("; ")}`);
    this.failures = failures;
  }
}

/** What went wrong; what went wrong for several in the same way, once. */
function reasonsOf(failures: ReadonlyMap<number, WorkerFailure>): string[] {
  const portsOf = Map.groupBy(failures.keys(), (port) => failures.get(port)?.message ?? "");
  return Array.from(portsOf, ([message, ports]) => {
    const who = ports.length === 1 ? "worker" : "workers";
    return `${who} ${ports.join(", ")}: ${message}`;
  });
}
