import { defineCommand } from "./command.ts";
import type { PortsResult } from "./port_status.ts";

/** `ports`: the ports of this manager; answers {@linkcode PortsResult}. */
export const ports = defineCommand({
  name: "ports",
  summary: "Show the ports, and who has them",
  parameters: {},
  run: async (context): Promise<PortsResult> => ({ ports: await context.ports() }),
});
