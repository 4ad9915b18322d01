import { defineCommand } from "./command.ts";
import {
  deadlineParameter,
  nowParameter,
  showChanged,
  workersParameter,
  workersResult,
} from "./workers_result.ts";

/** `stop`: stops workers, which keep their places; answers once they are gone. */
export const stop = defineCommand({
  name: "stop",
  summary: "Stop workers; restart brings them back",
  description: [
    "Stop workers. They take no new clients, and what is under way may go on for the configured time",
    "(stopDeadlineMs) or --deadline. They stay in the list and keep their ports.",
  ].join("\n"),
  right: "admin",
  parameters: {
    now: nowParameter,
    deadlineMs: deadlineParameter,
    workers: workersParameter,
  },
  waits: true,
  result: workersResult,
  run: async (context, { workers, now, deadlineMs }) => ({
    workers: await context.stop(workers, { now, deadlineMs }),
  }),
  show: showChanged,
});
