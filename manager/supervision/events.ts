import type { ManagerState, WorkerState } from "../../base/mod.ts";
import type { WorkerFailure } from "./worker_failure.ts";

/** What happens to a worker. */
export type WorkerEvent =
  | { type: "worker-ready"; port: number; pid: number; restarts: number }
  | { type: "worker-died"; port: number; pid: number | null; reason: WorkerFailure }
  | { type: "worker-restarting"; port: number; delayMs: number }
  /** It is given up, until somebody restarts it. */
  | { type: "worker-failed"; port: number; reason: WorkerFailure }
  /** It was told to leave; `state` says how. */
  | { type: "worker-leaving"; port: number; pid: number | null; state: WorkerState }
  | { type: "worker-stopped"; port: number };

/** What happens in a manager, for whoever shows it to people. */
export type ManagerEvent =
  | { type: "state"; state: ManagerState }
  | { type: "port-moved"; wanted: number; got: number }
  /** It was there before this manager, and goes on. */
  | { type: "worker-adopted"; port: number; pid: number }
  | WorkerEvent;
