import type { WorkerState } from "../../base/mod.ts";
import { type Schema, schemaOf } from "./schema.ts";
import { workerState } from "./status_report.ts";
import type { Column, View } from "./view.ts";

/**
 * Where a port stands. `used`: a worker has it. `held`: it is kept for a worker that has no process at
 * the moment. `reserved`: it is kept for a worker that is spawned later. `foreign`: somebody else has
 * it. `free`: it was wanted, and nobody has it now.
 */
export type PortState = "free" | "held" | "used" | "reserved" | "foreign";

/** One port, as `ports --json` prints it. */
export interface PortStatus {
  port: number;
  state: PortState;
  /** What was planned for the worker: this port or another one, 0 for any; `null` if nothing was. */
  wanted: number | null;
  /** Whether it is reserved, also while a worker has it. */
  reserved: boolean;
  /** The worker whose port it is. */
  worker: { pid: number | null; state: WorkerState } | null;
  /** Who else has it, where that is known. */
  owner: { pid: number; command: string } | null;
}

/** What the commands about ports answer. */
export interface PortsResult {
  ports: PortStatus[];
}

/** Schema of {@linkcode PortsResult}. */
export const portsResult: Schema<PortsResult> = schemaOf<PortsResult>()((v) =>
  v.object({
    ports: v.array(v.object({
      port: v.number(),
      state: v.picklist(["free", "held", "used", "reserved", "foreign"]),
      wanted: v.nullable(v.number()),
      reserved: v.boolean(),
      worker: v.nullable(v.object({ pid: v.nullable(v.number()), state: workerState(v) })),
      owner: v.nullable(v.object({ pid: v.number(), command: v.string() })),
    })),
  })
);

const COLUMNS: readonly Column[] = [
  { heading: "PORT", numeric: true },
  { heading: "STATE" },
  { heading: "WANTED", numeric: true, rank: 4 },
  { heading: "PID", numeric: true, rank: 2 },
  { heading: "WORKER", rank: 3 },
  { heading: "OWNER", rank: 1 },
];

/** Ports, for people. */
export function showPorts({ ports }: PortsResult, view: View): string {
  return view.table(COLUMNS, ports.map((port) => showPort(port, view)));
}

function showPort(status: PortStatus, view: View): string[] {
  const { port, wanted, worker, owner } = status;
  return [
    String(port),
    showState(status, view),
    wanted === null ? "-" : wanted === 0 ? "any" : String(wanted),
    worker?.pid ? String(worker.pid) : "-",
    worker?.state ?? "-",
    owner ? view.printable(`${owner.command} (${owner.pid})`) : "-",
  ];
}

function showState({ state, reserved }: PortStatus, view: View): string {
  const text = reserved && state !== "reserved" ? `${state}, reserved` : state;
  if (state === "used") return view.styled("green", text);
  return state === "foreign" ? view.styled("red", text) : text;
}
