import { isPort } from "../../base/mod.ts";
import { defineCommand } from "./command.ts";
import { InvalidParametersError } from "./parameters.ts";
import type { WorkersResult } from "./workers_result.ts";

/** `spawn`: adds a worker; answers {@linkcode WorkersResult} when it is ready. */
export const spawn = defineCommand({
  name: "spawn",
  summary: "Add a worker",
  parameters: {
    port: { kind: "integer", summary: "Its UDP port; a free one if not given" },
  },
  run: async (context, { port }): Promise<WorkersResult> => {
    if (port !== undefined && !isPort(port)) {
      throw new InvalidParametersError(`Cannot spawn a worker: ${port} is no port`);
    }
    return { workers: [await context.spawn(port)] };
  },
});
