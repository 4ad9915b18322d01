import type { ManagerStatus, WorkerStatus } from "../handlers/commands/mod.ts";
import { formatBytes, formatDuration, printable } from "./format.ts";
import { formatTable } from "./table.ts";
import { styled, type Terminal } from "./terminal.ts";

const COLUMNS = [
  { heading: "PORT", numeric: true },
  { heading: "PID", numeric: true },
  { heading: "STATE" },
  { heading: "UPTIME", numeric: true },
  { heading: "RESTARTS", numeric: true },
  { heading: "SESSIONS", numeric: true },
  { heading: "TRANSFERS", numeric: true },
  { heading: "IN", numeric: true },
  { heading: "OUT", numeric: true },
  { heading: "CPU", numeric: true },
  { heading: "MEMORY", numeric: true },
] as const;

/** Which worker it is, and whether it works. */
export type WorkerIdentity = Pick<WorkerStatus, "port" | "pid" | "state">;

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
    facts.join(", "),
    formatTable(COLUMNS, rows, { lines: terminal.interactive }),
    ...workers.flatMap(formatLastError),
  ].join("\n");
}

/** The workers of a manager that has just started, for people. */
export function formatWorkers(
  workers: readonly WorkerIdentity[],
  terminal: Terminal,
): string {
  const rows = workers.map((worker) => formatIdentity(worker, terminal));
  return formatTable(COLUMNS.slice(0, 3), rows, { lines: terminal.interactive });
}

function formatWorker(worker: WorkerStatus, terminal: Terminal): string[] {
  return [
    ...formatIdentity(worker, terminal),
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

function formatIdentity({ port, pid, state }: WorkerIdentity, terminal: Terminal): string[] {
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
