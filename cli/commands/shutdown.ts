import { buildCommand } from "@stricli/core";
import type { CliContext } from "../context.ts";
import { instanceFlag, jsonFlag, nowFlag } from "../flags.ts";

/** `msquicd shutdown [--now]` */
export const shutdownCommand = buildCommand<
  { instance?: string; now: boolean; json: boolean },
  [],
  CliContext
>({
  docs: { brief: "Stop this machine's manager and its workers" },
  parameters: {
    flags: {
      instance: instanceFlag,
      now: nowFlag,
      json: jsonFlag,
    },
  },
  async func(flags) {
    const { shutdownManager, StateDirectory } = await import("../../manager/mod.ts");
    const instance = flags.instance ?? this.instance;
    using interruption = this.interruption();
    const { signal } = interruption;
    const { workers } = await shutdownManager(new StateDirectory(instance), {
      now: flags.now,
      signal,
    });
    const who = workers === 1 ? "1 worker" : `${workers} workers`;
    this.output.line(`Instance "${instance}" is shut down, ${who} with it`);
    this.output.result({ instance, workers });
  },
});
