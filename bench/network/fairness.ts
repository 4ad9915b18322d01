import type { BenchContext, Row } from "../context.ts";
import type { Entry, Line } from "../line.ts";
import { LimitServer } from "../limit/server.ts";
import { type Congestion, limitSettings, loadRate } from "./limit_rate.ts";
import { openNetwork } from "./open_network.ts";
import type { Path } from "./paths.ts";

/** Two at once, and how long what they share lets datagrams wait, in milliseconds. */
const PAIRS: readonly { pair: readonly [Congestion, Congestion]; queueMs: number }[] = [
  { pair: ["bbr", "cubic"], queueMs: 5 },
  { pair: ["bbr", "cubic"], queueMs: 50 },
  { pair: ["bbr", "cubic"], queueMs: 200 },
  { pair: ["cubic", "cubic"], queueMs: 50 },
  { pair: ["bbr", "bbr"], queueMs: 50 },
];

const LINK = { rttMs: 50, rateMbit: 100 } as const;
const SHORTEST_SECONDS = 20;

/** What two connections of native MsQuic that share a link get of it; only if it is asked for. */
export const fairness: Row = {
  name: "network-fairness",
  apart: true,
  async run(context) {
    const lines: Line[] = [];
    for (const { pair, queueMs } of PAIRS) {
      const [own, other] = pair.map((congestion) => congestion.toUpperCase()) as [string, string];
      const name = `network-fairness-${pair.join("-")}-${queueMs}`;
      const title = `${own} beside ${other}, 100 Mbit/s, 50 ms, queue of ${queueMs} ms`;
      const entries: Entry[] = [{ who: own, rounds: [] }, { who: other, rounds: [] }];
      try {
        const rates = await share(pair, queueMs, context);
        rates.forEach((rate, i) => entries[i]!.rounds.push(rate));
      } catch (error) {
        context.signal.throwIfAborted();
        context.skip(title, error);
      }
      const told = entries.map(({ who, rounds: [rate = NaN] }) => `${who} ${rate.toFixed(1)}`);
      context.note(`  ${title}: ${told.join(", ")} Mbit/s`);
      lines.push({ name, title, unit: "Mbit/s", better: "more", entries });
    }
    return lines;
  },
};

/** Mbit/s of each. */
async function share(
  pair: readonly [Congestion, Congestion],
  queueMs: number,
  context: BenchContext,
): Promise<number[]> {
  await using resources = new AsyncDisposableStack();
  const path: Path = { ...LINK, queueMs, name: "", title: "" };
  const settings = pair.map((congestion) => limitSettings(congestion, path));
  const server = resources.use(await LimitServer.start("one", context.certificate, settings[0]));
  const { port } = await openNetwork([server.port], path, context, resources);
  const seconds = Math.max(SHORTEST_SECONDS, 2 * context.options.network.seconds);
  return await Promise.all(
    settings.map((settings) =>
      loadRate({ job: "upload", port, settings, path, seconds }, context.signal)
    ),
  );
}
