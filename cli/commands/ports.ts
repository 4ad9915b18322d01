import { buildCommand, buildRouteMap } from "@stricli/core";
import type { PortsResult } from "../../handlers/commands/mod.ts";
import type { CliContext } from "../context.ts";
import { instanceFlag, jsonFlag, parsePort } from "../flags.ts";

type Flags = { instance?: string; json: boolean };

/** `msquicd ports` */
const listCommand = buildCommand<Flags, [], CliContext>({
  docs: { brief: "Show the ports of this machine's manager, and who has them" },
  parameters: { flags: { instance: instanceFlag, json: jsonFlag } },
  async func({ instance }) {
    await runPorts(this, instance, "ports", {});
  },
});

/** `msquicd ports reserve P` */
const reserveCommand = buildCommand<Flags, [port: number], CliContext>({
  docs: {
    brief: "Keep a port for a worker that is spawned later",
    fullDescription: [
      "Keep a port for a worker that is spawned later, also after a restart of the manager. spawn",
      "without --port takes reserved ports first; nothing else takes them by itself.",
    ].join("\n"),
  },
  parameters: {
    flags: { instance: instanceFlag, json: jsonFlag },
    positional: {
      kind: "tuple",
      parameters: [{ parse: parsePort, placeholder: "PORT", brief: "The UDP port" }],
    },
  },
  async func({ instance }, port) {
    await runPorts(this, instance, "ports.reserve", { port });
  },
});

/** `msquicd ports release P` */
const releaseCommand = buildCommand<Flags, [port: number], CliContext>({
  docs: { brief: "Keep a reserved port no longer" },
  parameters: {
    flags: { instance: instanceFlag, json: jsonFlag },
    positional: {
      kind: "tuple",
      parameters: [{
        parse: parsePort,
        placeholder: "PORT",
        brief: "The UDP port",
        proposeCompletions: completeReserved,
      }],
    },
  },
  async func({ instance }, port) {
    await runPorts(this, instance, "ports.release", { port });
  },
});

/** `msquicd ports [reserve|release P]` */
export const portsRoutes = buildRouteMap({
  routes: { list: listCommand, reserve: reserveCommand, release: releaseCommand },
  defaultCommand: "list",
  docs: { brief: "Show, reserve or release ports" },
});

async function runPorts(
  context: CliContext,
  instance: string | undefined,
  method: string,
  parameters: Readonly<Record<string, unknown>>,
): Promise<void> {
  const { callControl, StateDirectory } = await import("../../manager/mod.ts");
  const state = new StateDirectory(instance ?? context.instance);
  const result = await callControl(state, method, parameters) as PortsResult;
  if (!context.output.json) {
    const { formatPorts } = await import("../text/ports_text.ts");
    context.output.line(formatPorts(result.ports, context.stdout));
  }
  context.output.result(result);
}

/** The ports that are reserved, as far as a manager says so. */
async function completeReserved(this: CliContext, partial: string): Promise<string[]> {
  const { callControl, StateDirectory } = await import("../../manager/mod.ts");
  try {
    const state = new StateDirectory(this.instance);
    const { ports } = await callControl(state, "ports", {}, { timeoutMs: 1000 }) as PortsResult;
    return ports.filter(({ reserved }) => reserved).map(({ port }) => String(port))
      .filter((word) => word.startsWith(partial));
  } catch {
    // Without a manager there is nothing to propose.
    return [];
  }
}
