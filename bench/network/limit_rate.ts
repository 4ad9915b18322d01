import type { BenchContext } from "../context.ts";
import { runLoad } from "../limit/load.ts";
import { LimitServer } from "../limit/server.ts";
import { openNetwork } from "./open_network.ts";
import { blocksFor, type Path } from "./paths.ts";

/** How the limit program finds out the path's rate. */
export type Congestion = "cubic" | "bbr";

/** Windows that are in nobody's way. */
const WINDOWS = ["--stream-window", `${64 * 2 ** 20}`, "--connection-window", `${128 * 2 ** 20}`];

/** How long is not counted, in round trips and in seconds: slow start. */
const WARM_UP = { roundTrips: 20, seconds: 1 } as const;

/** Mbit/s from memory to memory, of native MsQuic at both ends. */
export async function limitRate(
  job: "upload" | "download",
  congestion: Congestion,
  path: Path,
  seconds: number,
  context: BenchContext,
): Promise<number> {
  await using resources = new AsyncDisposableStack();
  const settings = limitSettings(congestion, path);
  const server = resources.use(await LimitServer.start("one", context.certificate, settings));
  const network = await openNetwork([server.port], path, context, resources);
  return await loadRate({ job, port: network.port, settings, path, seconds }, context.signal);
}

/** Options of both ends. */
export function limitSettings(congestion: Congestion, path: Path): string[] {
  return ["--congestion", congestion, "--blocks", `${blocksFor(path)}`, ...WINDOWS];
}

/** What one load does. */
export interface LimitLoad {
  job: "upload" | "download";
  port: number;
  settings: readonly string[];
  path: Path;
  seconds: number;
}

/** Mbit/s of a load. */
export async function loadRate(
  { job, port, settings, path, seconds }: LimitLoad,
  signal: AbortSignal,
): Promise<number> {
  const { gbitPerSecond } = await runLoad({
    ...{ job, ports: [port], token: "", pids: [], connections: 1, inFlight: 1, threads: "one" },
    seconds,
    warmUpSeconds: WARM_UP.seconds + WARM_UP.roundTrips * path.rttMs / 1000,
    // What is under way at the end takes long where nearly everything is lost.
    settings: [...settings, "--cut", "1"],
  }, signal);
  return 1000 * gbitPerSecond;
}
