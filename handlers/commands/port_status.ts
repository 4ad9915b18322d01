import type { WorkerState } from "../../base/mod.ts";

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

/** What `ports` answers. */
export interface PortsResult {
  ports: PortStatus[];
}
