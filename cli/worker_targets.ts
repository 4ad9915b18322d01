import type { WorkersResult, WorkerTarget } from "../handlers/commands/mod.ts";
import type { CliContext } from "./context.ts";
import { UsageError } from "./errors.ts";
import { parsePort } from "./flags.ts";

/** How long the answer to a command that waits for workers may take beyond its own deadline. */
const PATIENCE_MS = 3_600_000;

/** Workers as they are named on the command line: ports, or `all`. */
export const workersPositional = {
  kind: "array",
  minimum: 1,
  parameter: {
    parse: parseTarget,
    placeholder: "PORT",
    brief: "Ports of the workers, or all",
    proposeCompletions: completeWorkers,
  },
} as const;

/** Reads `PORT… | all`. @throws {UsageError} If both are given. */
export function workerTarget(words: readonly (number | "all")[]): WorkerTarget {
  const ports = words.filter((word) => word !== "all");
  if (ports.length === words.length) return ports;
  if (words.length === 1) return "all";
  throw new UsageError("Give either ports or all, not both");
}

/** Runs a command that changes workers, and tells how they are then. */
export async function changeWorkers(
  context: CliContext,
  instance: string | undefined,
  method: string,
  parameters: Readonly<Record<string, unknown>>,
): Promise<void> {
  const { callControl, StateDirectory } = await import("../manager/mod.ts");
  using interruption = context.interruption();
  const { deadlineMs } = parameters;
  const result = await callControl(
    new StateDirectory(instance ?? context.instance),
    method,
    parameters,
    {
      signal: interruption.signal,
      timeoutMs: PATIENCE_MS + (typeof deadlineMs === "number" ? deadlineMs : 0),
    },
  ) as WorkersResult;
  if (!context.output.json) {
    const { formatWorkers } = await import("./text/status_text.ts");
    context.output.line(formatWorkers(result.workers, context.stdout));
  }
  context.output.result(result);
}

function parseTarget(text: string): number | "all" {
  return text === "all" ? "all" : parsePort(text);
}

/** The ports of the workers there are, as far as a manager says so. */
async function completeWorkers(this: CliContext, partial: string): Promise<string[]> {
  const { callControl, StateDirectory } = await import("../manager/mod.ts");
  try {
    const state = new StateDirectory(this.instance);
    const status = await callControl(state, "status", {}, { timeoutMs: 1000 }) as WorkersResult;
    const words = ["all", ...status.workers.map(({ port }) => String(port))];
    return words.filter((word) => word.startsWith(partial));
  } catch {
    // Without a manager there is nothing to propose.
    return [];
  }
}
