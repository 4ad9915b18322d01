import { defineCommand } from "./command.ts";
import { checkDeadline, type WorkersResult } from "./workers_result.ts";

/** `stop`: stops workers, which keep their places; answers {@linkcode WorkersResult} once they are gone. */
export const stop = defineCommand({
  name: "stop",
  summary: "Stop workers; they stay in the list and keep their ports",
  parameters: {
    workers: { kind: "workers", summary: "Ports of the workers, or all", required: true },
    now: { kind: "boolean", summary: "Do not wait for what is still going on" },
    deadlineMs: { kind: "integer", summary: "How long to wait for it otherwise" },
  },
  run: async (context, { workers, now, deadlineMs }): Promise<WorkersResult> => {
    const options = { now, deadlineMs: checkDeadline("stop", deadlineMs) };
    return { workers: await context.stop(workers, options) };
  },
});
