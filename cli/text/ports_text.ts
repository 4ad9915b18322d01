import type { PortStatus } from "../../handlers/commands/mod.ts";
import { printable } from "./format.ts";
import { formatTable } from "./table.ts";
import { lineWidth, styled, type Terminal } from "./terminal.ts";

const COLUMNS = [
  { heading: "PORT", numeric: true },
  { heading: "STATE" },
  { heading: "WANTED", numeric: true, rank: 4 },
  { heading: "PID", numeric: true, rank: 2 },
  { heading: "WORKER", rank: 3 },
  { heading: "OWNER", rank: 1 },
] as const;

/** Ports, for people. */
export function formatPorts(ports: readonly PortStatus[], terminal: Terminal): string {
  const rows = ports.map((port) => formatPort(port, terminal));
  return formatTable(COLUMNS, rows, { lines: terminal.interactive, width: lineWidth(terminal) });
}

function formatPort(status: PortStatus, terminal: Terminal): string[] {
  const { port, wanted, worker, owner } = status;
  return [
    String(port),
    formatState(status, terminal),
    wanted === null ? "-" : wanted === 0 ? "any" : String(wanted),
    worker?.pid ? String(worker.pid) : "-",
    worker?.state ?? "-",
    owner ? printable(`${owner.command} (${owner.pid})`) : "-",
  ];
}

function formatState({ state, reserved }: PortStatus, terminal: Terminal): string {
  const text = reserved && state !== "reserved" ? `${state}, reserved` : state;
  if (state === "used") return styled(terminal, "green", text);
  return state === "foreign" ? styled(terminal, "red", text) : text;
}
