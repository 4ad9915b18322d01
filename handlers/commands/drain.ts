import { defineCommand } from "./command.ts";
import {
  deadlineParameter,
  showChanged,
  workersParameter,
  workersResult,
} from "./workers_result.ts";

/** `drain`: as `stop`, with more time for what is under way. */
export const drain = defineCommand({
  name: "drain",
  summary: "Let workers finish what is under way, then stop them",
  description: [
    "Let workers finish what is under way, then stop them, after the configured time",
    "(drainDeadlineMs) or --deadline at the latest. They take no new clients meanwhile.",
  ].join("\n"),
  right: "admin",
  parameters: {
    deadlineMs: deadlineParameter,
    workers: workersParameter,
  },
  waits: true,
  result: workersResult,
  run: async (context, { workers, deadlineMs }) => ({
    workers: await context.drain(workers, deadlineMs),
  }),
  show: showChanged,
});
