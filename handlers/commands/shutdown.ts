import { defineCommand } from "./command.ts";

/** What `shutdown` answers. */
export interface ShutdownResult {
  /** How many workers were stopped. */
  workers: number;
}

/** `shutdown`: stops the workers, answers {@linkcode ShutdownResult}, then the manager leaves. */
export const shutdown = defineCommand({
  name: "shutdown",
  summary: "Stop the workers and the manager",
  parameters: {
    now: { kind: "boolean", summary: "Do not wait for what is still going on" },
  },
  run: async (context, { now = false }): Promise<ShutdownResult> => ({
    workers: await context.shutdown({ now }),
  }),
});
