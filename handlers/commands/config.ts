import { defineCommand } from "./command.ts";

/** `config`: what the manager was configured with, defaults included. */
export const config = defineCommand({
  name: "config",
  summary: "Show the configuration",
  parameters: {},
  run: (context) => context.config(),
});
