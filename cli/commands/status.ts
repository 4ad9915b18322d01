import { buildCommand } from "@stricli/core";
import type { ManagerStatus } from "../../handlers/commands/mod.ts";
import type { CliContext } from "../context.ts";
import { instanceFlag, jsonFlag } from "../flags.ts";

/** `msquicd status` */
export const statusCommand = buildCommand<
  { instance?: string; json: boolean },
  [],
  CliContext
>({
  docs: { brief: "Show this machine's manager and its workers" },
  parameters: { flags: { instance: instanceFlag, json: jsonFlag } },
  async func(flags) {
    const { callControl, StateDirectory } = await import("../../manager/mod.ts");
    const state = new StateDirectory(flags.instance ?? this.instance);
    const status = await callControl(state, "status") as ManagerStatus;
    if (!this.output.json) {
      const { formatStatus } = await import("../text/status_text.ts");
      this.output.line(formatStatus(status, this.stdout));
    }
    this.output.result(status);
  },
});
