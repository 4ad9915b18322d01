import type { NumberSchema } from "valibot";
import {
  type ManagerState,
  SHOWN_COUNTERS,
  type ShownCounter,
  type WorkerExit,
  type WorkerState,
} from "../../base/mod.ts";
import { type Schema, schemaOf, type Valibot } from "./schema.ts";

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

/** The certificate that workers present to clients that connect. */
export interface CertificateStatus {
  /** Lower-case hex SHA-256 of its DER. */
  fingerprint: string;
  /** Where it was read. */
  file: string;
  /** When it is no longer valid, as in `2027-01-31T12:00:00.000Z`. */
  expires: string;
  /** In whole days; negative if it is not valid any more. */
  daysLeft: number;
  /** Why what is in the file by now is not used; `null` if it is. */
  problem: string | null;
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
  /** Older managers do not tell. */
  certificate?: CertificateStatus;
  workers: WorkerStatus[];
}

/** Schema of {@linkcode WorkerState}. */
export const workerState: Schema<WorkerState> = schemaOf<WorkerState>()((v) =>
  v.picklist(["starting", "ready", "draining", "stopping", "stopped", "backoff", "failed"])
);

/** Schema of {@linkcode WorkerStatus}. */
export const workerStatus: Schema<WorkerStatus> = schemaOf<WorkerStatus>()((v) =>
  v.object({
    port: v.number(),
    pid: v.nullable(v.number()),
    state: workerState(v),
    uptimeMs: v.number(),
    restarts: v.number(),
    ...counterEntries(v),
    cpuPercent: v.number(),
    turnP99Ms: v.nullable(v.number()),
    heartbeatAgeMs: v.nullable(v.number()),
    lastError: v.nullable(v.string()),
    lastExit: v.nullable(v.object({
      code: v.number(),
      signal: v.nullable(v.string()),
      at: v.number(),
      stderr: v.array(v.string()),
    })),
  })
);

/** Schema of {@linkcode ManagerStatus}. */
export const managerStatus: Schema<ManagerStatus> = schemaOf<ManagerStatus>()((v) =>
  v.object({
    instance: v.string(),
    pid: v.number(),
    version: v.string(),
    msquic: v.nullable(v.string()),
    state: v.picklist(["starting", "ready", "stopping", "stopped"]),
    uptimeMs: v.number(),
    certificate: v.exactOptional(v.object({
      fingerprint: v.string(),
      file: v.string(),
      expires: v.string(),
      daysLeft: v.number(),
      problem: v.nullable(v.string()),
    })),
    workers: v.array(workerStatus(v)),
  })
);

function counterEntries(v: Valibot) {
  const entries = SHOWN_COUNTERS.map((name) => [name, v.number()] as const);
  return Object.fromEntries(entries) as Record<ShownCounter, NumberSchema<undefined>>;
}
