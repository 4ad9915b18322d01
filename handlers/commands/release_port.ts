import { defineCommand } from "./command.ts";
import { portsResult, showPorts } from "./port_status.ts";
import { ports } from "./ports.ts";

/** `ports.release`: undoes `ports.reserve`. */
export const releasePort = defineCommand({
  name: "ports.release",
  summary: "Keep a reserved port no longer",
  right: "admin",
  parameters: {
    port: {
      kind: "port",
      summary: "The UDP port",
      required: true,
      positional: true,
      complete: async (ask) => {
        const known = await ask(ports);
        return known.ports.filter(({ reserved }) => reserved).map(({ port }) => String(port));
      },
    },
  },
  result: portsResult,
  run: async (context, { port }) => ({ ports: [await context.releasePort(port)] }),
  show: showPorts,
});
