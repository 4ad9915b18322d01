import { defineCommand } from "./command.ts";
import { showChanged, workersResult } from "./workers_result.ts";

/** `spawn`: adds a worker; answers when it is ready. */
export const spawn = defineCommand({
  name: "spawn",
  summary: "Add a worker to this machine's manager",
  right: "admin",
  parameters: {
    port: { kind: "port", summary: "Its UDP port; the next free one by default" },
  },
  waits: true,
  result: workersResult,
  run: async (context, { port }) => ({ workers: [await context.spawn(port)] }),
  show: showChanged,
});
