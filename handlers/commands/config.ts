import { defineCommand } from "./command.ts";

/** `config`: what the manager was configured with, defaults included. */
export const config = defineCommand({
  name: "config",
  summary: "Show what this machine's manager runs with, defaults included",
  group: { summary: "Show or check the configuration", own: "show", byDefault: false },
  right: "read",
  parameters: {},
  result: (v) => v.record(v.string(), v.unknown()),
  run: (context) => context.config(),
  show: (config) => JSON.stringify(config, null, 2),
});
