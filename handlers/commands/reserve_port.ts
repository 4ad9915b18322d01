import { defineCommand } from "./command.ts";
import { checkPort } from "./parameters.ts";
import type { PortsResult } from "./port_status.ts";

/** `ports.reserve`: keeps a port for a worker that is spawned later; answers {@linkcode PortsResult}. */
export const reservePort = defineCommand({
  name: "ports.reserve",
  summary: "Keep a port for a worker that is spawned later",
  parameters: { port: { kind: "integer", summary: "The UDP port", required: true } },
  run: async (context, { port }): Promise<PortsResult> => ({
    ports: [await context.reservePort(checkPort("ports.reserve", port))],
  }),
});
