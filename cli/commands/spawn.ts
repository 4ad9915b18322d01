import { buildCommand } from "@stricli/core";
import type { CliContext } from "../context.ts";
import { instanceFlag, jsonFlag, parsePort } from "../flags.ts";
import { changeWorkers } from "../worker_targets.ts";

/** `msquicd spawn [--port P]` */
export const spawnCommand = buildCommand<
  { port?: number; instance?: string; json: boolean },
  [],
  CliContext
>({
  docs: { brief: "Add a worker to this machine's manager" },
  parameters: {
    flags: {
      port: {
        kind: "parsed",
        parse: parsePort,
        placeholder: "PORT",
        brief: "Its UDP port; the next free one by default",
        optional: true,
      },
      instance: instanceFlag,
      json: jsonFlag,
    },
  },
  async func({ port, instance }) {
    await changeWorkers(this, instance, "spawn", port === undefined ? {} : { port });
  },
});
