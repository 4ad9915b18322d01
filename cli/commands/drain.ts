import { buildCommand } from "@stricli/core";
import type { CliContext } from "../context.ts";
import { deadlineFlag, instanceFlag, jsonFlag } from "../flags.ts";
import { changeWorkers, workersPositional, workerTarget } from "../worker_targets.ts";

/** `msquicd drain PORT…|all [--deadline TIME]` */
export const drainCommand = buildCommand<
  { deadline?: number; instance?: string; json: boolean },
  (number | "all")[],
  CliContext
>({
  docs: {
    brief: "Let workers finish what is under way, then stop them",
    fullDescription: [
      "Let workers finish what is under way, then stop them, after the configured time",
      "(drainDeadlineMs) or --deadline at the latest. They take no new clients meanwhile.",
    ].join("\n"),
  },
  parameters: {
    flags: { deadline: deadlineFlag, instance: instanceFlag, json: jsonFlag },
    positional: workersPositional,
  },
  async func({ deadline: deadlineMs, instance }, ...words) {
    await changeWorkers(this, instance, "drain", { workers: workerTarget(words), deadlineMs });
  },
});
