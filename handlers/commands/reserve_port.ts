import { defineCommand } from "./command.ts";
import { portsResult, showPorts } from "./port_status.ts";

/** `ports.reserve`: keeps a port for a worker that is spawned later. */
export const reservePort = defineCommand({
  name: "ports.reserve",
  summary: "Keep a port for a worker that is spawned later",
  description: [
    "Keep a port for a worker that is spawned later, also after a restart of the manager. spawn",
    "without --port takes reserved ports first; nothing else takes them by itself.",
  ].join("\n"),
  right: "admin",
  parameters: {
    port: { kind: "port", summary: "The UDP port", required: true, positional: true },
  },
  result: portsResult,
  run: async (context, { port }) => ({ ports: [await context.reservePort(port)] }),
  show: showPorts,
});
