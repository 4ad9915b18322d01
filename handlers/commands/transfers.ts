import { defineCommand } from "./command.ts";
import { listed, listingParameters, moreThan, silence } from "./listing.ts";
import { transfersResult, type TransferStatus } from "./transfer_status.ts";
import type { Column, View } from "./view.ts";

interface TransferColumn extends Column {
  readonly cell: (of: TransferStatus, view: View) => string;
}

const COLUMNS: readonly TransferColumn[] = [
  { heading: "ID", cell: ({ id }) => id },
  { heading: "STATE", rank: 1, cell: ({ state }, view) => showState(state, view) },
  { heading: "DIR", rank: 4, cell: ({ direction }) => direction ?? "-" },
  { heading: "OFFSET", numeric: true, cell: (of, view) => view.bytes(of.offset) },
  { heading: "SIZE", numeric: true, cell: ({ size }, view) => bytesOrDash(size, view) },
  { heading: "RATE", numeric: true, rank: 2, cell: (of, view) => `${view.bytes(of.rate)}/s` },
  {
    heading: "LEFT",
    numeric: true,
    rank: 3,
    cell: ({ etaMs }, view) => etaMs === null ? "-" : view.duration(etaMs),
  },
  { heading: "FROM", numeric: true, rank: 6, cell: (of, view) => view.bytes(of.resumedFrom) },
  { heading: "AGE", numeric: true, rank: 7, cell: (of, view) => view.duration(of.ageMs) },
  { heading: "PORT", numeric: true, rank: 9, cell: ({ port }) => port === null ? "-" : `${port}` },
  { heading: "PEER", rank: 5, cell: ({ peer }) => peer ?? "-" },
  {
    heading: "WHO",
    rank: 8,
    cell: ({ identity }, view) => identity === null ? "-" : view.printable(identity),
  },
  { heading: "NAME", cell: ({ name }, view) => name === null ? "-" : view.printable(name) },
];

/** `transfers`: what is moving. */
export const transfers = defineCommand({
  name: "transfers",
  summary: "Show which files are on their way",
  description: [
    "Show which files are on their way in this machine's workers, the oldest first, and behind them",
    "what has come of uploads that were interrupted and waits to go on. FROM is where one has gone on",
    "from, RATE what came in the last five seconds, and LEFT the time that the rest takes at that.",
  ].join("\n"),
  right: "read",
  parameters: {
    port: { kind: "port", summary: "Only those of the worker on this port" },
    ...listingParameters,
  },
  watchable: true,
  result: transfersResult,
  run: async (context, { port, ...part }) => {
    const { transfers, silent } = await context.transfers(port);
    return { transfers: listed(transfers, part), total: transfers.length, silent };
  },
  show: ({ transfers, total, silent }, view) => {
    const rows = transfers.map((transfer) => COLUMNS.map(({ cell }) => cell(transfer, view)));
    return [
      total === 0 ? "No file is on its way" : view.table(COLUMNS, rows),
      ...moreThan(transfers.length, total, "transfers"),
      ...silence(silent),
    ].join("\n");
  },
});

/** A transfer in a few words. */
export function progressOf(
  { id, direction, name, offset, size }: TransferStatus,
  view: View,
): string {
  const of = size === null ? "" : ` of ${view.bytes(size)}`;
  const what = name === null ? "" : ` ${view.printable(name)}`;
  return `${id}: ${direction ?? "transfer"}${what}, ${view.bytes(offset)}${of}`;
}

function bytesOrDash(bytes: number | null, view: View): string {
  return bytes === null ? "-" : view.bytes(bytes);
}

function showState(state: TransferStatus["state"], view: View): string {
  return view.styled(state === "moving" ? "green" : "yellow", state);
}
