import type { ManagerState, ShownCounter, WorkerExit, WorkerState } from "../../base/mod.ts";

/** One worker in {@linkcode ManagerStatus}, with those of its counters that are shown. */
export interface WorkerStatus extends Record<ShownCounter, number> {
  port: number;
  /** `null` while there is no process. */
  pid: number | null;
  state: WorkerState;
  /** Since its process became ready; 0 before. */
  uptimeMs: number;
  /** How often it had to be started again. */
  restarts: number;
  /** Of one core, over the last second or so: 100 is one core fully used. */
  cpuPercent: number;
  /**
   * What 99 of 100 turns of its event loop have not exceeded since it started, in milliseconds: the most
   * that one connection waits for others. `null` while there is none, or if it is above 500 ms.
   */
  turnP99Ms: number | null;
  /** `null` while there is no process. */
  heartbeatAgeMs: number | null;
  /** Why it died or did not start the last time. */
  lastError: string | null;
  /** How its last process ended; `null` if none has. */
  lastExit: WorkerExit | null;
}

/** What `status --json` prints. */
export interface ManagerStatus {
  instance: string;
  pid: number;
  version: string;
  /** Version of the workers' MsQuic library; `null` until one has told. */
  msquic: string | null;
  state: ManagerState;
  uptimeMs: number;
  workers: WorkerStatus[];
}
