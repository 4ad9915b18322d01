import { counted } from "../../base/counted.ts";
import { defineCommand } from "./command.ts";
import { schemaOf } from "./schema.ts";
import { nowParameter } from "./workers_result.ts";

/** What `shutdown` answers. */
export interface ShutdownResult {
  /** How many workers were stopped. */
  workers: number;
}

/** `shutdown`: stops the workers, answers, then the manager leaves. */
export const shutdown = defineCommand({
  name: "shutdown",
  summary: "Stop this machine's manager and its workers",
  right: "admin",
  parameters: { now: nowParameter },
  result: schemaOf<ShutdownResult>()((v) => v.object({ workers: v.number() })),
  run: async (context, { now }) => ({ workers: await context.shutdown({ now }) }),
  show: ({ workers }, { instance }) =>
    `Instance "${instance}" is shut down, ${counted(workers, "worker")} with it`,
  toJson: ({ workers }, { instance }) => ({ instance, workers }),
});
