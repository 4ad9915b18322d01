import { buildCommand, buildRouteMap } from "@stricli/core";
import type { Client } from "../../client/mod.ts";
import type { View } from "../../handlers/commands/mod.ts";
import { type ConnectionFlags, connectionFlags, openClient } from "../files/connection_flags.ts";
import type { CliContext } from "../context.ts";
import { jsonFlag, portFlag } from "../flags.ts";

/** What one of the commands asks, and how the answer is shown. */
interface SystemQuestion<Answer> {
  readonly brief: string;
  ask(client: Client, signal: AbortSignal): Promise<Answer>;
  /** Shows it to a person. */
  show(answer: Answer, view: View): Promise<string>;
}

type Flags = ConnectionFlags & { port?: number; json: boolean };

/** `msquicd system info`, `time`, `stats`, `processes`, `disk` */
export const systemCommand = buildRouteMap({
  routes: {
    info: question({
      brief: "Show the machine of a server, and what the server is made of",
      async ask(client, signal) {
        const { messages } = await import("../../client/mod.ts");
        return await client.call(messages.systemInfo, {}, { signal });
      },
      show: async (answer, view) => (await import("../text/system.ts")).showInfo(answer, view),
    }),
    time: question({
      brief: "Show the clock of a server, and by how much it differs from this one",
      async ask(client, signal) {
        const { messages } = await import("../../client/mod.ts");
        const before = Date.now();
        const answer = await client.call(messages.systemTime, {}, { signal });
        // As if the answer had taken as long as the request.
        return { ...answer, aheadMs: Math.round(answer.time - (before + Date.now()) / 2) };
      },
      show: async (answer, view) => (await import("../text/system.ts")).showTime(answer, view),
    }),
    stats: question({
      brief: "Show what a worker has done, and how long the turns of its event loop took",
      async ask(client, signal) {
        const { messages } = await import("../../client/mod.ts");
        return await client.call(messages.systemStats, {}, { signal });
      },
      show: async (answer, view) => (await import("../text/system.ts")).showStats(answer, view),
    }),
    processes: question({
      brief: "Show the processes of a server's instance",
      async ask(client, signal) {
        const { messages } = await import("../../client/mod.ts");
        return (await client.call(messages.systemProcesses, {}, { signal })).processes;
      },
      show: async (answer, view) => (await import("../text/system.ts")).showProcesses(answer, view),
    }),
    disk: question({
      brief: "Show the disks that a server keeps its files on",
      async ask(client, signal) {
        const { messages } = await import("../../client/mod.ts");
        return (await client.call(messages.systemDisk, {}, { signal })).disks;
      },
      show: async (answer, view) => (await import("../text/system.ts")).showDisks(answer, view),
    }),
  },
  docs: { brief: "Show how a server's machine and its processes are" },
});

function question<Answer>({ brief, ask, show }: SystemQuestion<Answer>) {
  return buildCommand<Flags, [], CliContext>({
    docs: { brief },
    parameters: { flags: { ...connectionFlags, port: portFlag, json: jsonFlag } },
    async func({ port, ...flags }) {
      using interruption = this.interruption();
      const { signal } = interruption;
      await using client = await openClient(flags, this, signal, { port });
      const answer = await ask(client, signal);
      if (this.output.json) return this.output.result(answer);
      const { viewOf } = await import("../text/view.ts");
      this.output.line(await show(answer, viewOf(this.stdout, flags.instance ?? this.instance)));
    },
  });
}
