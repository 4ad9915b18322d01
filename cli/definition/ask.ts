import type { Ask, Command } from "../../handlers/commands/mod.ts";
import type { CliContext } from "../context.ts";

/** How long the answer to a command that waits for workers may take beyond its own deadline. */
const PATIENCE_MS = 3_600_000;

/** How long a manager may take to say what words could be completed to. */
const COMPLETION_MS = 1000;

/** Runs a command in an instance's manager. */
export async function ask<Result>(
  context: CliContext,
  instance: string,
  command: Command<Result>,
  parameters: Readonly<Record<string, unknown>>,
): Promise<Result> {
  const { callCommand, StateDirectory } = await import("../../manager/control/mod.ts");
  const state = new StateDirectory(instance);
  if (!command.waits) return await callCommand(state, command, parameters);
  using interruption = context.interruption();
  const { deadlineMs = 0 } = parameters;
  return await callCommand(state, command, parameters, {
    signal: interruption.signal,
    timeoutMs: PATIENCE_MS + Number(deadlineMs),
  });
}

/** Completes words as a parameter's definition says, as far as a manager answers. */
export function completeBy(complete: (ask: Ask) => Promise<readonly string[]>) {
  return async function (this: CliContext, partial: string): Promise<string[]> {
    const { callCommand, StateDirectory } = await import("../../manager/control/mod.ts");
    try {
      const state = new StateDirectory(this.instance);
      const limit = { timeoutMs: COMPLETION_MS };
      const words = await complete((command) => callCommand(state, command, {}, limit));
      return words.filter((word) => word.startsWith(partial));
    } catch {
      // Without a manager there is nothing to propose.
      return [];
    }
  };
}
