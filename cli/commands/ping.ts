import { buildCommand } from "@stricli/core";
import { type ConnectionFlags, connectionFlags, openClient } from "../files/connection_flags.ts";
import type { CliContext } from "../context.ts";
import { jsonFlag, wholeNumber } from "../flags.ts";

/** `msquicd ping [-n 5]` */
export const pingCommand = buildCommand<
  ConnectionFlags & { count: number; json: boolean },
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
      json: jsonFlag,
    },
    aliases: { n: "count" },
  },
  async func(flags) {
    using interruption = this.interruption();
    const { signal } = interruption;
    await using client = await openClient(flags, this, signal);
    const times: number[] = [];
    while (times.length < flags.count) {
      const { ms } = await client.ping({ signal });
      times.push(ms);
      this.output.line(`${client.server}: ${formatMs(ms)}`);
    }
    // Not as arguments: there may be more than a function takes.
    const minMs = times.reduce((least, ms) => Math.min(least, ms));
    const maxMs = times.reduce((most, ms) => Math.max(most, ms));
    const avgMs = times.reduce((sum, ms) => sum + ms, 0) / times.length;
    const summary = [minMs, avgMs, maxMs].map(formatMs).join(" / ");
    const answers = times.length === 1 ? "1 answer" : `${times.length} answers`;
    this.output.line(`${answers}, min / avg / max ${summary}`);
    const { server } = client;
    this.output.result({ server, count: times.length, minMs, avgMs, maxMs, ms: times });
  },
});

function formatMs(ms: number): string {
  return `${ms.toFixed(2)} ms`;
}
