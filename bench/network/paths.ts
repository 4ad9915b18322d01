import type { Impairments } from "../../native/network/bad_network.ts";

/** A path that is measured. */
export interface Path extends Impairments {
  /** What `--paths` calls it. */
  name: string;
  /** What people call it. */
  title: string;
  rttMs: number;
  rateMbit: number;
  queueMs: number;
}

const ROUND_TRIPS_MS = [1, 20, 50, 100, 200] as const;
const LOSSES = [0, 0.1, 1, 2] as const;
const RATES_MBIT = [200, 500] as const;

/** No queue is shorter than this, in milliseconds, but where that is what is measured. */
const SHORTEST_QUEUE_MS = 5;

/** Every rate, round trip and loss with each other, and those that are bad in another way. */
export const PATHS: readonly Path[] = [
  ...RATES_MBIT.flatMap((rateMbit) =>
    ROUND_TRIPS_MS.flatMap((rttMs) =>
      LOSSES.map((loss) => ({
        name: `${rttMs}ms-${loss}-${rateMbit}`,
        title: `${rttMs} ms, ${loss} %`,
        ...{ rttMs, loss, rateMbit, queueMs: Math.max(SHORTEST_QUEUE_MS, rttMs) },
      }))
    )
  ),
  {
    name: "50ms-shallow-500",
    title: "50 ms, 0 %, queue of 5 ms",
    ...{ rttMs: 50, rateMbit: 500, queueMs: 5 },
  },
  {
    name: "50ms-bursts-500",
    title: "50 ms, bursts of 10 packets, 0.5 %",
    ...{ rttMs: 50, rateMbit: 500, queueMs: 50, burst: { begin: 0.05, end: 10 } },
  },
  {
    name: "100ms-0-10",
    title: "100 ms, 0 %, 10 Mbit/s",
    ...{ rttMs: 100, rateMbit: 10, queueMs: 100 },
  },
];

/** Those that are measured unless others are asked for: what tells most in under ten minutes. */
const USUAL: readonly string[] = ["20ms-2-200", "50ms-0-500", "50ms-0.1-500", "100ms-1-200"];

/** Which paths are wanted. */
export interface PathChoice {
  /** Names, or parts of names; none for the usual ones. */
  paths: readonly string[];
  /** All that there are. */
  full: boolean;
}

/** Whether a path is among those that are wanted. */
export function isWanted(name: string, { paths, full }: PathChoice): boolean {
  if (full) return true;
  return paths.length === 0 ? USUAL.includes(name) : paths.some((part) => name.includes(part));
}

/** Blocks of 1 MiB under way that fill the path and its queue. */
export function blocksFor({ rateMbit, rttMs, queueMs }: Path): number {
  return Math.max(4, Math.ceil(rateMbit * (rttMs + queueMs) * 125 / 2 ** 20));
}
