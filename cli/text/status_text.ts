import type { ManagerStatus, WorkerStatus } from "../../handlers/commands/mod.ts";
import { formatBytes, formatDuration, printable } from "./format.ts";
import { formatTable } from "./table.ts";
import { lineWidth, styled, type Terminal } from "./terminal.ts";

const COLUMNS = [
  { heading: "PORT", numeric: true },
  { heading: "PID", numeric: true, rank: 1 },
  { heading: "STATE" },
  { heading: "UPTIME", numeric: true, rank: 2 },
  { heading: "RESTARTS", numeric: true, rank: 8 },
  { heading: "SESSIONS", numeric: true, rank: 3 },
  { heading: "TRANSFERS", numeric: true, rank: 9 },
  { heading: "IN", numeric: true, rank: 6 },
  { heading: "OUT", numeric: true, rank: 7 },
  { heading: "CPU", numeric: true, rank: 5 },
  { heading: "MEMORY", numeric: true, rank: 4 },
] as const;

/** Which worker it is, and whether it works. */
export type WorkerSummary = Pick<WorkerStatus, "port" | "pid" | "state">;

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
  const rows = workers.map((worker) => formatWorker(worker, terminal));
  return [
    fillLines(facts, lineWidth(terminal)),
    formatTable(COLUMNS, rows, { lines: terminal.interactive, width: lineWidth(terminal) }),
    ...workers.flatMap(formatLastError),
  ].join("\n");
}

/** The workers of a manager that has just started, for people. */
export function formatWorkers(
  workers: readonly WorkerSummary[],
  terminal: Terminal,
): string {
  const rows = workers.map((worker) => formatSummary(worker, terminal));
  return formatTable(COLUMNS.slice(0, 3), rows, {
    lines: terminal.interactive,
    width: lineWidth(terminal),
  });
}

function formatWorker(worker: WorkerStatus, terminal: Terminal): string[] {
  return [
    ...formatSummary(worker, terminal),
    formatDuration(worker.uptimeMs),
    String(worker.restarts),
    String(worker.sessions),
    String(worker.transfers),
    formatBytes(worker.bytesIn),
    formatBytes(worker.bytesOut),
    `${worker.cpuPercent.toFixed(1)}%`,
    formatBytes(worker.rssBytes),
  ];
}

function formatSummary({ port, pid, state }: WorkerSummary, terminal: Terminal): string[] {
  return [String(port), pid === null ? "-" : String(pid), formatState(state, terminal)];
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
