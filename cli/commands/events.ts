import { buildCommand } from "@stricli/core";
import type { SubscribedEvent } from "../../client/mod.ts";
import type { CliContext } from "../context.ts";
import {
  type ConnectionFlags,
  connectionFlags,
  openClient,
  serverOf,
} from "../files/connection_flags.ts";
import { findLocalInstance } from "../files/local_instance.ts";
import { jsonFlag, parseText, portFlag } from "../flags.ts";
import { printable } from "../text/format.ts";

/** How long to wait before a worker that was lost is tried again, in milliseconds. */
const AGAIN_MS = 1000;

type Flags = ConnectionFlags & { port?: number; json: boolean };

/** An event, and where it happened. */
type Told = SubscribedEvent & { server: string };

/** `msquicd events [TOPIC...]` */
export const eventsCommand = buildCommand<Flags, string[], CliContext>({
  docs: { brief: "Show what happens in workers, as it happens" },
  parameters: {
    flags: { ...connectionFlags, port: portFlag, json: jsonFlag },
    positional: {
      kind: "array",
      parameter: {
        parse: parseText,
        placeholder: "TOPIC",
        brief: "Like session.opened, session.* or *; everything by default",
      },
    },
  },
  async func({ port, ...flags }, ...given) {
    using interruption = this.interruption();
    const { signal } = interruption;
    const topics = given.length === 0 ? ["*"] : given;
    const tell = async (event: Told) => {
      if (this.output.json) this.output.result(event);
      else this.output.line(lineOf(event));
      await this.output.drained(signal);
    };
    // Each of this machine's workers is asked for its own: nothing of it can get lost between workers.
    const here = port !== undefined || serverOf(flags, this) === undefined;
    const ports = port !== undefined || !here
      ? [port]
      : await portsOf(flags.instance ?? this.instance);
    const watch = async (port: number | undefined) => {
      for (let known = false;;) {
        try {
          await using client = await openClient(flags, this, signal, { port });
          known = true;
          for await (const event of client.subscribe(topics, { signal, here })) {
            await tell({ server: client.server, ...event });
          }
        } catch (error) {
          // What has never been there is a mistake, and what has is missed.
          if (signal.aborted || !known) throw error;
          this.output.note(`${this.output.describe(error).message}; trying again`);
          const { delay } = await import("../../base/mod.ts");
          await delay(AGAIN_MS, signal);
        }
      }
    };
    await Promise.all(ports.map(watch));
  },
});

/** Each worker of this machine's manager is asked; where there is none, what is asked says why. */
async function portsOf(instance: string): Promise<(number | undefined)[]> {
  const servers = (await findLocalInstance(instance))?.servers ?? [];
  return servers.length === 0 ? [undefined] : servers.map(({ port }) => port);
}

function lineOf({ server, topic, time, body, lost, gap }: Told): string {
  const at = new Date(time).toISOString();
  const missed = gap ? " (after an interruption)" : lost === undefined ? "" : ` (${lost} lost)`;
  return printable(`${at} ${server} ${topic}${missed} ${JSON.stringify(body)}`);
}
