import type { SpreadName } from "../../base/spread.ts";

/** What is known of a worker when clients are spread. */
export interface WorkerLoad {
  readonly port: number;
  /** Clients that are connected. */
  readonly sessions: number;
  /** Transfers of files under way. */
  readonly transfers: number;
  /** Bytes from and to clients in a second, lately. */
  readonly bytesPerSecond: number;
  /** Share of one processor lately, in percent. */
  readonly cpuPercent: number;
}

/** What counts as load: the interface of a strategy of one's own. */
export interface SpreadStrategy {
  /** How much a worker has to do: a number from 0, in whatever unit. */
  load(worker: WorkerLoad): number;
  /** A difference of so much, in that unit, is none: then clients go where there are fewer of them. */
  readonly margin: number;
}

/** All have as much to do, but for the clients that they have. */
export const SESSIONS: SpreadStrategy = { load: () => 0, margin: 0 };

/** Those that have a name; without any, nobody is sent anywhere. */
export const STRATEGIES: Readonly<Record<SpreadName, SpreadStrategy | undefined>> = {
  sessions: SESSIONS,
  transfers: { load: ({ bytesPerSecond }) => bytesPerSecond, margin: 4 * 2 ** 20 },
  processor: { load: ({ cpuPercent }) => cpuPercent, margin: 20 },
  none: undefined,
};

/** Whether a value is a strategy. */
export function isStrategy(value: unknown): value is SpreadStrategy {
  const { load, margin } = Object(value) as Partial<SpreadStrategy>;
  return typeof load === "function" && typeof margin === "number" && margin >= 0;
}
