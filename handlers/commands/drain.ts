import { defineCommand } from "./command.ts";
import { checkDeadline, type WorkersResult } from "./workers_result.ts";

/** `drain`: as `stop`, with more time for what is under way. */
export const drain = defineCommand({
  name: "drain",
  summary: "Let workers finish what is under way, then stop them",
  parameters: {
    workers: { kind: "workers", summary: "Ports of the workers, or all", required: true },
    deadlineMs: { kind: "integer", summary: "How long they may take" },
  },
  run: async (context, { workers, deadlineMs }): Promise<WorkersResult> => ({
    workers: await context.drain(workers, checkDeadline("drain", deadlineMs)),
  }),
});
