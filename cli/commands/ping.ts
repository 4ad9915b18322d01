import { counted } from "../../base/counted.ts";
import { buildCommand } from "@stricli/core";
import { type ConnectionFlags, connectionFlags, openClient } from "../files/connection_flags.ts";
import type { CliContext } from "../context.ts";
import { NoAnswerError } from "../errors.ts";
import { jsonFlag, wholeNumber } from "../flags.ts";
import type { Client } from "../../client/client.ts";

/** `msquicd ping [-n 5]` */
export const pingCommand = buildCommand<
  ConnectionFlags & { count: number; datagrams: boolean; json: boolean },
  [],
  CliContext
>({
  docs: { brief: "Measure how fast a server answers" },
  parameters: {
    flags: {
      ...connectionFlags,
      count: {
        kind: "parsed",
        parse: wholeNumber(1, 100_000),
        brief: "How many requests, one after the other",
        placeholder: "N",
        default: "5",
      },
      datagrams: {
        kind: "boolean",
        brief: "Ask in datagrams, of which none is sent again; after 1 s an answer counts as lost",
        default: false,
        withNegated: false,
      },
      json: jsonFlag,
    },
    aliases: { n: "count" },
  },
  async func(flags) {
    using interruption = this.interruption();
    const { signal } = interruption;
    await using client = await openClient(flags, this, signal);
    const times: number[] = [];
    let lost = 0;
    let streams = 0;
    while (times.length + lost < flags.count) {
      const { ms, datagram } = await ping(client, flags.datagrams, signal);
      if (datagram !== true) streams++;
      if (ms === undefined) lost++;
      else times.push(ms);
      this.output.line(`${client.server}: ${ms === undefined ? "no answer" : formatMs(ms)}`);
    }
    if (flags.datagrams && streams > 0) {
      this.output.note(`Server ${client.server} takes no datagrams: asked on streams`);
    }
    const { server } = client;
    if (times.length === 0) {
      throw new NoAnswerError(
        `None of ${lost} datagrams to ${server} was answered; ask on streams`,
      );
    }
    // Not as arguments: there may be more than a function takes.
    const minMs = times.reduce((least, ms) => Math.min(least, ms));
    const maxMs = times.reduce((most, ms) => Math.max(most, ms));
    const avgMs = times.reduce((sum, ms) => sum + ms, 0) / times.length;
    const summary = [minMs, avgMs, maxMs].map(formatMs).join(" / ");
    const answers = counted(times.length, "answer");
    const missing = flags.datagrams ? `, ${lost} lost` : "";
    this.output.line(`${answers}${missing}, min / avg / max ${summary}`);
    const losses = flags.datagrams ? { lost } : {};
    this.output.result({
      ...{ server, count: times.length, ...losses, minMs, avgMs, maxMs, ms: times },
    });
  },
});

/** How long an answer took; in datagrams, it may be lost. */
async function ping(
  client: Client,
  datagram: boolean,
  signal: AbortSignal,
): Promise<{ ms?: number; datagram?: true }> {
  if (!datagram) return await client.ping({ signal });
  const { CallTimeoutError } = await import("../../client/errors.ts");
  try {
    return await client.ping({ signal, datagram });
  } catch (error) {
    if (error instanceof CallTimeoutError) return { datagram };
    throw error;
  }
}

function formatMs(ms: number): string {
  return `${ms.toFixed(2)} ms`;
}
