import { counted } from "../../base/counted.ts";
import { defineCommand } from "./command.ts";
import { listed, listingParameters, moreThan, silence } from "./listing.ts";
import { sessionsResult, type SessionStatus } from "./session_status.ts";
import type { Column, View } from "./view.ts";

/** So many digits tell sessions apart, and can be typed. */
const ID_LENGTH = 8;

/** By what sessions are sorted: the first is the one with the most of it. */
const SORTS = {
  age: (one: SessionStatus) => one.ageMs,
  idle: (one: SessionStatus) => one.idleMs,
  requests: (one: SessionStatus) => one.requestsTotal,
  in: (one: SessionStatus) => one.bytesIn,
  out: (one: SessionStatus) => one.bytesOut,
  rtt: (one: SessionStatus) => one.rttMs ?? -1,
  loss: (one: SessionStatus) => one.lossPercent ?? -1,
} as const;

type Sort = keyof typeof SORTS;

const SORT_WORDS = Object.keys(SORTS) as Sort[];

interface SessionColumn extends Column {
  readonly cell: (of: SessionStatus, view: View) => string;
}

const COLUMNS: readonly SessionColumn[] = [
  { heading: "ID", cell: ({ id }) => id.slice(0, ID_LENGTH) },
  { heading: "PORT", numeric: true, rank: 8, cell: ({ port }) => String(port) },
  { heading: "PEER", cell: ({ peer }, view) => view.printable(peer) },
  { heading: "WHO", rank: 2, cell: ({ identity }, view) => view.printable(identity) },
  { heading: "AGENT", rank: 9, cell: ({ agent }, view) => agent ? view.printable(agent) : "-" },
  { heading: "STATE", rank: 1, cell: ({ state }, view) => showState(state, view) },
  { heading: "AGE", numeric: true, rank: 5, cell: (of, view) => view.duration(of.ageMs) },
  { heading: "IDLE", numeric: true, rank: 3, cell: (of, view) => view.duration(of.idleMs) },
  {
    heading: "REQUESTS",
    numeric: true,
    rank: 7,
    cell: ({ requests, requestsTotal }) => `${requests}/${requestsTotal}`,
  },
  { heading: "TRANSFERS", numeric: true, rank: 4, cell: ({ transfers }) => String(transfers) },
  { heading: "IN", numeric: true, rank: 6, cell: (of, view) => view.bytes(of.bytesIn) },
  { heading: "OUT", numeric: true, rank: 6, cell: (of, view) => view.bytes(of.bytesOut) },
  {
    heading: "RTT",
    numeric: true,
    rank: 10,
    cell: ({ rttMs }) => rttMs === null ? "-" : `${rttMs.toFixed(1)} ms`,
  },
  {
    heading: "LOSS",
    numeric: true,
    rank: 11,
    cell: ({ lossPercent }) => lossPercent === null ? "-" : `${lossPercent.toFixed(1)}%`,
  },
  {
    heading: "WINDOW",
    numeric: true,
    rank: 12,
    cell: (of, view) => of.congestionWindow === null ? "-" : view.bytes(of.congestionWindow),
  },
];

/** `sessions`: who is connected. */
export const sessions = defineCommand({
  name: "sessions",
  summary: "Show which clients are connected",
  description: [
    "Show which clients are connected to this machine's workers, and what they do: REQUESTS are those",
    "under way and all so far; RTT, LOSS and WINDOW are round trip, loss and congestion window as QUIC",
    `sees them. They are sorted by --sort (${SORT_WORDS.join(", ")}), the most first.`,
  ].join("\n"),
  right: "read",
  parameters: {
    port: { kind: "port", summary: "Only those of the worker on this port" },
    sort: {
      kind: "string",
      summary: "By what to sort; age by default",
      placeholder: "WORD",
      choices: SORT_WORDS,
    },
    ...listingParameters,
  },
  watchable: true,
  result: sessionsResult,
  run: async (context, { port, sort = "age", ...part }) => {
    const { sessions, ...rest } = await context.sessions(port);
    const key = SORTS[sort as Sort];
    const sorted = sessions.sort((one, other) =>
      key(other) - key(one) || other.ageMs - one.ageMs || (one.id < other.id ? -1 : 1)
    );
    return { sessions: listed(sorted, part), total: sorted.length, ...rest };
  },
  show: ({ sessions, total, handshaking, silent }, view) => {
    const rows = sessions.map((session) => COLUMNS.map(({ cell }) => cell(session, view)));
    const shaking = `${counted(handshaking, "more connection")} ${
      handshaking === 1 ? "is" : "are"
    }`;
    return [
      total === 0 ? "No client is connected" : view.table(COLUMNS, rows),
      ...moreThan(sessions.length, total, "sessions"),
      ...(handshaking > 0 ? [`${shaking} handshaking`] : []),
      ...silence(silent),
    ].join("\n");
  },
});

function showState(state: SessionStatus["state"], view: View): string {
  return state === "active" ? view.styled("green", state) : view.styled("yellow", state);
}
