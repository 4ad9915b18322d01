import { buildCommand } from "@stricli/core";
import type { CliContext } from "../context.ts";
import { deadlineFlag, instanceFlag, jsonFlag, nowFlag } from "../flags.ts";
import { changeWorkers, workersPositional, workerTarget } from "../worker_targets.ts";

/** `msquicd stop PORT…|all [--now] [--deadline TIME]` */
export const stopCommand = buildCommand<
  { now: boolean; deadline?: number; instance?: string; json: boolean },
  (number | "all")[],
  CliContext
>({
  docs: {
    brief: "Stop workers; restart brings them back",
    fullDescription: [
      "Stop workers. They take no new clients, and what is under way may go on for the configured time",
      "(stopDeadlineMs) or --deadline. They stay in the list and keep their ports.",
    ].join("\n"),
  },
  parameters: {
    flags: { now: nowFlag, deadline: deadlineFlag, instance: instanceFlag, json: jsonFlag },
    positional: workersPositional,
  },
  async func({ now, deadline: deadlineMs, instance }, ...words) {
    await changeWorkers(this, instance, "stop", { workers: workerTarget(words), now, deadlineMs });
  },
});
