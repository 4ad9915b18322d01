import {
  type CounterColumn,
  type CounterDefinition,
  COUNTERS,
  SHOWN_COUNTERS,
  type ShownCounter,
} from "../../base/mod.ts";
import type { WorkerStatus } from "./status_report.ts";
import type { Column, View } from "./view.ts";

/** Which worker it is, and whether it works. */
export type WorkerSummary = Pick<WorkerStatus, "port" | "pid" | "state">;

/** A column, and what it shows of a worker. */
interface ColumnOf<Worker> extends Column {
  readonly cell: (worker: Worker, view: View) => string;
}

/** The name of a counter that has a column. */
type TableCounter = {
  [Name in ShownCounter]: (typeof COUNTERS)[Name] extends { column: CounterColumn } ? Name : never;
}[ShownCounter];

const SUMMARY: readonly ColumnOf<WorkerSummary>[] = [
  { heading: "PORT", numeric: true, cell: ({ port }) => String(port) },
  { heading: "PID", numeric: true, rank: 1, cell: ({ pid }) => pid === null ? "-" : String(pid) },
  { heading: "STATE", cell: ({ state }, view) => showState(state, view) },
];

const { rssBytes, ...otherCounters } = counterColumns();

const COLUMNS: readonly ColumnOf<WorkerStatus>[] = [
  ...SUMMARY,
  { heading: "UPTIME", numeric: true, rank: 2, cell: (of, view) => view.duration(of.uptimeMs) },
  { heading: "RESTARTS", numeric: true, rank: 8, cell: ({ restarts }) => String(restarts) },
  ...Object.values(otherCounters),
  { heading: "CPU", numeric: true, rank: 5, cell: ({ cpuPercent }) => `${cpuPercent.toFixed(1)}%` },
  rssBytes,
];

/** Which workers there are, for people. */
export function showSummaries(workers: readonly WorkerSummary[], view: View): string {
  return showColumns(SUMMARY, workers, view);
}

/** All there is to say of workers, for people. */
export function showWorkers(workers: readonly WorkerStatus[], view: View): string {
  return showColumns(COLUMNS, workers, view);
}

function showColumns<Worker>(
  columns: readonly ColumnOf<Worker>[],
  workers: readonly Worker[],
  view: View,
): string {
  return view.table(columns, workers.map((of) => columns.map(({ cell }) => cell(of, view))));
}

function counterColumns(): Record<TableCounter, ColumnOf<WorkerStatus>> {
  const inTable = SHOWN_COUNTERS.filter(isInTable);
  const columns = inTable.map((name): [TableCounter, ColumnOf<WorkerStatus>] => {
    const { column, unit }: CounterDefinition = COUNTERS[name];
    const cell = unit === "bytes"
      ? (of: WorkerStatus, view: View) => view.bytes(of[name])
      : (of: WorkerStatus) => String(of[name]);
    return [name, { ...column, heading: column?.heading ?? name, numeric: true, cell }];
  });
  return Object.fromEntries(columns) as Record<TableCounter, ColumnOf<WorkerStatus>>;
}

function isInTable(name: ShownCounter): name is TableCounter {
  return "column" in COUNTERS[name];
}

function showState(state: WorkerStatus["state"], view: View): string {
  if (state === "ready") return view.styled("green", state);
  return view.styled(state === "failed" || state === "backoff" ? "red" : "yellow", state);
}
