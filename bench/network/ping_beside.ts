import { join } from "node:path";
import { delay } from "../../base/mod.ts";
import { type Client, connect } from "../../client/mod.ts";
import type { BenchContext, Row } from "../context.ts";
import { startServer } from "../contestants/start.ts";
import type { Entry, Line } from "../line.ts";
import type { ServerReady } from "../server_process.ts";
import { openNetwork } from "./open_network.ts";
import type { Path } from "./paths.ts";

const PATH: Path = { name: "", title: "", rttMs: 20, rateMbit: 30, queueMs: 100 };

/** A round trip, the path's queue and a turn. */
const BOUND_MS = PATH.rttMs + PATH.queueMs + 20;

/** More than comes within a round. */
const SIZE = 2 ** 30;

/** How long transfers run before pings are sent beside them, how long those are, and how far apart. */
const MS = { settle: 1500, round: 8000, between: 20 } as const;

const LARGE = "large";

/** How long the slowest but one percent of pings take on the connection of transfers. */
export const pingBeside: Row = {
  name: "ping-under-transfer",
  apart: true,
  async run(context) {
    const lines: Line[] = [];
    for (const direction of ["put", "get"] as const) {
      for (const count of [1, 10]) lines.push(await pingLine(direction, count, context));
    }
    return lines;
  },
};

async function pingLine(
  direction: "put" | "get",
  count: number,
  context: BenchContext,
): Promise<Line> {
  const files = count === 1 ? "a" : `${count} ×`;
  const title = `Ping p99 beside ${files} ${direction}, 20 ms and 30 Mbit/s`;
  const entry: Entry = { who: "msquicd", rounds: [] };
  try {
    while (entry.rounds.length < context.options.rounds) {
      entry.rounds.push(await measure(direction, count, context));
    }
  } catch (error) {
    context.signal.throwIfAborted();
    context.skip(title, error);
  }
  const name = `ping-under-${direction}-${count}`;
  return { name, title, unit: "ms", better: "less", bound: BOUND_MS, entries: [entry] };
}

async function measure(
  direction: "put" | "get",
  count: number,
  context: BenchContext,
): Promise<number> {
  await using resources = new AsyncDisposableStack();
  const { certificate, signal } = context;
  const directory = await Deno.makeTempDir({ dir: context.directory });
  const root = await Deno.makeTempDir({ dir: directory });
  const source = join(directory, "source");
  for (const path of [source, join(root, LARGE)]) await makeSparse(path, SIZE);
  const server = resources.use(await startServer("msquicd", { ...certificate, root }, signal));
  const { port, token } = server.ready as ServerReady;
  const network = await openNetwork([port], PATH, context, resources);
  const { fingerprint } = certificate;
  const client = resources.use(
    await connect({
      ...{ server: `127.0.0.1:${network.port}`, token, fingerprint },
      compress: "none",
    }),
  );
  const end = new AbortController();
  const either = AbortSignal.any([signal, end.signal]);
  const transfers = Array.from(
    { length: count },
    (_, i) =>
      direction === "put"
        ? client.put(source, `put${i}`, { signal: either })
        : client.get(LARGE, join(directory, `got${i}`), { signal: either }),
  );
  const over = Promise.allSettled(transfers);
  await delay(MS.settle);
  const times = await pings(client, signal);
  end.abort();
  await over;
  await Deno.remove(directory, { recursive: true });
  return times[Math.ceil(times.length * 0.99) - 1]!;
}

/** How long each took, in milliseconds, sorted. */
async function pings(client: Client, signal: AbortSignal): Promise<Float64Array> {
  const times: number[] = [];
  const endsAt = performance.now() + MS.round;
  do {
    const start = performance.now();
    await client.ping({ signal });
    times.push(performance.now() - start);
    await delay(MS.between);
  } while (performance.now() < endsAt);
  return Float64Array.from(times).sort();
}

async function makeSparse(path: string, size: number): Promise<void> {
  using file = await Deno.open(path, { write: true, createNew: true });
  await file.truncate(size);
}
