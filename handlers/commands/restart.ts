import { defineCommand } from "./command.ts";
import {
  deadlineParameter,
  nowParameter,
  showChanged,
  workersParameter,
  workersResult,
} from "./workers_result.ts";

/**
 * `restart`: drains workers and starts their successors on the same ports; answers once these are
 * ready.
 */
export const restart = defineCommand({
  name: "restart",
  summary: "Replace workers, or bring back stopped and failed ones",
  description: [
    "Drain workers and start their successors on the same ports; start those that are stopped or",
    "failed. A worker whose successor could not start is left as it is. With --rolling one after the",
    "other: if a successor does not become ready, the workers after it are left as they are.",
  ].join("\n"),
  right: "admin",
  parameters: {
    rolling: {
      kind: "boolean",
      summary: "One worker after the other, while the others serve",
      default: false,
    },
    now: nowParameter,
    deadlineMs: deadlineParameter,
    workers: workersParameter,
  },
  waits: true,
  result: workersResult,
  run: async (context, { workers, rolling, now, deadlineMs }) => ({
    workers: await context.restart(workers, { rolling, now, deadlineMs }),
  }),
  show: showChanged,
});
