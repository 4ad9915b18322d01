import { defineCommand } from "./command.ts";

/** `status`: the manager and its workers, see {@linkcode ManagerStatus}. */
export const status = defineCommand({
  name: "status",
  summary: "Show the manager and its workers",
  parameters: {},
  run: (context) => context.status(),
});
