import { buildCommand } from "@stricli/core";
import type { CliContext } from "../context.ts";
import { deadlineFlag, instanceFlag, jsonFlag, nowFlag } from "../flags.ts";
import { changeWorkers, workersPositional, workerTarget } from "../worker_targets.ts";

/** `msquicd restart PORT…|all [--rolling] [--now] [--deadline TIME]` */
export const restartCommand = buildCommand<
  { rolling: boolean; now: boolean; deadline?: number; instance?: string; json: boolean },
  (number | "all")[],
  CliContext
>({
  docs: {
    brief: "Replace workers, or bring back stopped and failed ones",
    fullDescription: [
      "Drain workers and start their successors on the same ports; start those that are stopped or",
      "failed. A worker whose successor could not start is left as it is. With --rolling one after the",
      "other: if a successor does not become ready, the workers after it are left as they are.",
    ].join("\n"),
  },
  parameters: {
    flags: {
      rolling: {
        kind: "boolean",
        brief: "One worker after the other, while the others serve",
        default: false,
        withNegated: false,
      },
      now: nowFlag,
      deadline: deadlineFlag,
      instance: instanceFlag,
      json: jsonFlag,
    },
    positional: workersPositional,
  },
  async func({ rolling, now, deadline: deadlineMs, instance }, ...words) {
    const workers = workerTarget(words);
    await changeWorkers(this, instance, "restart", { workers, rolling, now, deadlineMs });
  },
});
