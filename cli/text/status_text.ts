import {
  type CounterDefinition,
  COUNTERS,
  SHOWN_COUNTERS,
  type ShownCounter,
} from "../../base/mod.ts";
import type { ManagerStatus, WorkerStatus } from "../../handlers/commands/mod.ts";
import { formatBytes, formatDuration, printable } from "./format.ts";
import { type Column, formatTable } from "./table.ts";
import { lineWidth, styled, type Terminal } from "./terminal.ts";

/** Which worker it is, and whether it works. */
export type WorkerSummary = Pick<WorkerStatus, "port" | "pid" | "state">;

/** A column, and what it shows of a worker. */
interface ColumnOf<Worker> extends Column {
  readonly cell: (worker: Worker, terminal: Terminal) => string;
}

const SUMMARY: readonly ColumnOf<WorkerSummary>[] = [
  { heading: "PORT", numeric: true, cell: ({ port }) => String(port) },
  { heading: "PID", numeric: true, rank: 1, cell: ({ pid }) => pid === null ? "-" : String(pid) },
  { heading: "STATE", cell: ({ state }, terminal) => formatState(state, terminal) },
];

const { rssBytes, ...otherCounters } = counterColumns();

const COLUMNS: readonly ColumnOf<WorkerStatus>[] = [
  ...SUMMARY,
  { heading: "UPTIME", numeric: true, rank: 2, cell: ({ uptimeMs }) => formatDuration(uptimeMs) },
  { heading: "RESTARTS", numeric: true, rank: 8, cell: ({ restarts }) => String(restarts) },
  ...Object.values(otherCounters),
  { heading: "CPU", numeric: true, rank: 5, cell: ({ cpuPercent }) => `${cpuPercent.toFixed(1)}%` },
  rssBytes,
];

/** A manager and its workers, for people. */
export function formatStatus(status: ManagerStatus, terminal: Terminal): string {
  const { instance, pid, version, msquic, state, uptimeMs, workers } = status;
  const facts = [
    `instance "${instance}"`,
    `pid ${pid}`,
    state,
    `up ${formatDuration(uptimeMs)}`,
    `msquicd ${version}`,
    ...(msquic === null ? [] : [`MsQuic ${msquic}`]),
  ];
  return [
    fillLines(facts, lineWidth(terminal)),
    formatColumns(COLUMNS, workers, terminal),
    ...workers.flatMap(formatLastError),
  ].join("\n");
}

/** The workers of a manager that has just started, for people. */
export function formatWorkers(
  workers: readonly WorkerSummary[],
  terminal: Terminal,
): string {
  return formatColumns(SUMMARY, workers, terminal);
}

function formatColumns<Worker>(
  columns: readonly ColumnOf<Worker>[],
  workers: readonly Worker[],
  terminal: Terminal,
): string {
  const rows = workers.map((worker) => columns.map(({ cell }) => cell(worker, terminal)));
  return formatTable(columns, rows, { lines: terminal.interactive, width: lineWidth(terminal) });
}

function counterColumns(): Record<ShownCounter, ColumnOf<WorkerStatus>> {
  const columns = SHOWN_COUNTERS.map((name): [ShownCounter, ColumnOf<WorkerStatus>] => {
    const { column, unit }: CounterDefinition = COUNTERS[name];
    const format = unit === "bytes" ? formatBytes : String;
    return [name, { ...column, numeric: true, cell: (of) => format(of[name]) }];
  });
  return Object.fromEntries(columns) as Record<ShownCounter, ColumnOf<WorkerStatus>>;
}

function formatState(state: WorkerStatus["state"], terminal: Terminal): string {
  if (state === "ready") return styled(terminal, "green", state);
  const down = state === "failed" || state === "backoff";
  return styled(terminal, down ? "red" : "yellow", state);
}

function formatLastError({ port, state, lastError }: WorkerStatus): string[] {
  if (lastError === null || state === "ready") return [];
  return [`worker ${port}: ${printable(lastError)}`];
}

/** Facts one after the other, on as many lines as they need. */
function fillLines(facts: readonly string[], width: number): string {
  const lines: string[] = [];
  let line = "";
  for (const fact of facts) {
    const longer = line === "" ? fact : `${line}, ${fact}`;
    if (longer.length < width || line === "") line = longer;
    else {
      lines.push(`${line},`);
      line = fact;
    }
  }
  return [...lines, line].join("\n");
}
