import { defineCommand } from "./command.ts";
import { portsResult, showPorts } from "./port_status.ts";

/** `ports`: the ports of this manager. */
export const ports = defineCommand({
  name: "ports",
  summary: "Show the ports of this machine's manager, and who has them",
  group: { summary: "Show, reserve or release ports", own: "list", byDefault: true },
  right: "read",
  parameters: {},
  result: portsResult,
  run: async (context) => ({ ports: await context.ports() }),
  show: showPorts,
});
