import type { Row } from "./context.ts";
import { benchIpc, type IpcResult } from "./ipc.ts";
import type { Line } from "./line.ts";

/** A line of the table, and the two figures that it sets against each other. */
type IpcLine = Omit<Line, "entries"> & {
  own: keyof IpcResult;
  other: keyof IpcResult;
  hold: number;
};

const LINES: readonly IpcLine[] = [
  {
    name: "ipc-round-trip",
    title: "IPC round trip p50, without a pause",
    unit: "µs",
    better: "less",
    hold: 1,
    own: "roundTripP50Us",
    other: "unixRoundTripP50Us",
  },
  {
    name: "ipc-round-trip-asleep",
    title: "IPC round trip p50, both ends asleep",
    unit: "µs",
    better: "less",
    hold: 1,
    own: "roundTripAsleepP50Us",
    other: "unixRoundTripAsleepP50Us",
  },
  {
    name: "ipc-one-way",
    title: "IPC one way, 128 B messages",
    unit: "/s",
    better: "more",
    hold: 5,
    own: "oneWayPerSecond",
    other: "unixOneWayPerSecond",
  },
];

/** Messages between two processes over shared memory, next to a Unix socket; it warms up by itself. */
export const ipcRow: Row = {
  name: "ipc",
  async run({ options, signal, note, skip }) {
    const results: IpcResult[] = [];
    try {
      for (let round = 1; round <= options.rounds; round++) {
        results.push(await benchIpc(signal));
        note(`  round ${round} done`);
      }
    } catch (error) {
      signal.throwIfAborted();
      skip("IPC", error);
    }
    return LINES.map(({ own, other, hold, ...line }) => ({
      ...line,
      entries: [
        { who: "msquicd", rounds: results.map((result) => result[own]) },
        { who: "Unix socket", rounds: results.map((result) => result[other]), hold },
      ],
    }));
  },
};
