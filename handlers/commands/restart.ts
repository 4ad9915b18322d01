import { defineCommand } from "./command.ts";
import { checkDeadline, type WorkersResult } from "./workers_result.ts";

/**
 * `restart`: drains workers and starts their successors on the same ports; answers
 * {@linkcode WorkersResult} once these are ready.
 */
export const restart = defineCommand({
  name: "restart",
  summary: "Replace workers, or bring back stopped and failed ones",
  parameters: {
    workers: { kind: "workers", summary: "Ports of the workers, or all", required: true },
    rolling: {
      kind: "boolean",
      summary: "One after the other, up to the first that does not become ready",
    },
    now: { kind: "boolean", summary: "Do not wait for what is still going on" },
    deadlineMs: { kind: "integer", summary: "How long to wait for it otherwise" },
  },
  run: async (context, parameters): Promise<WorkersResult> => {
    const { workers, rolling = false, now } = parameters;
    const deadlineMs = checkDeadline("restart", parameters.deadlineMs);
    return { workers: await context.restart(workers, { rolling, now, deadlineMs }) };
  },
});
