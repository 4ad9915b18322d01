/** Where a manager stands. */
export type ManagerState = "starting" | "ready" | "stopping" | "stopped";

/**
 * Where a worker stands, as its manager sees it. `backoff`: it died and waits to be started again.
 * `failed`: it is given up, and only `restart` brings it back. `draining`: it takes no new sessions and
 * finishes what is under way. `stopping`: it was told to leave now. `stopped`: it was, and has; its
 * place and port are kept.
 */
export type WorkerState =
  | "starting"
  | "ready"
  | "draining"
  | "stopping"
  | "stopped"
  | "backoff"
  | "failed";

/** How a worker's process ended. */
export interface WorkerExit {
  /** As the system says it; of no meaning if there was a signal. */
  code: number;
  signal: string | null;
  /** When, in milliseconds since the epoch. */
  at: number;
  /** What it said last on standard error, oldest line first. */
  stderr: string[];
}
