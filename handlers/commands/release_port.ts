import { defineCommand } from "./command.ts";
import { checkPort } from "./parameters.ts";
import type { PortsResult } from "./port_status.ts";

/** `ports.release`: undoes `ports.reserve`; answers {@linkcode PortsResult}. */
export const releasePort = defineCommand({
  name: "ports.release",
  summary: "Keep a reserved port no longer",
  parameters: { port: { kind: "integer", summary: "The UDP port", required: true } },
  run: async (context, { port }): Promise<PortsResult> => ({
    ports: [await context.releasePort(checkPort("ports.release", port))],
  }),
});
