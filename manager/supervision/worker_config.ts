import { defaultTaskThreads } from "../../base/task_threads.ts";
import type { RootMark, WorkerConfig } from "../../ipc/mod.ts";
import type { ManagerConfig } from "../config/config.ts";
import type { NamesOf } from "../config/config_key.ts";
import { plannedPorts } from "../config/port_plan.ts";
import { KEYS, type Keys } from "../config/keys.ts";
import type { StateDirectory } from "../state/state_directory.ts";

/** How long what is under way may go on without a manager where workers leave, in milliseconds. */
const LOSS_DEADLINE_MS = 2000;

/** What clients are shown, and have to show. */
export interface WorkerSecrets {
  certificateFile: string;
  privateKeyFile: string;
  token: string;
}

/** What the worker on `port` is told to be. */
export function workerConfig(
  config: ManagerConfig,
  port: number,
  { certificateFile, privateKeyFile, token }: WorkerSecrets,
  state: StateDirectory,
  rootMark: RootMark,
): WorkerConfig {
  return {
    ...concerningWorkers(config),
    ...{ port, certificateFile, privateKeyFile, token, rootMark },
    taskThreads: config.taskThreads ??
      defaultTaskThreads(navigator.hardwareConcurrency, plannedPorts(config.ports).length),
    ...(config.auditFile === undefined ? {} : { audit: true }),
    onManagerLoss: {
      keep: config.onManagerLoss === "keep",
      deadlineMs: lossDeadlineMs(config),
      logFile: state.workerLogFile(port),
    },
  };
}

type WorkerKeys = NamesOf<Keys, { concerns: "worker" }>;

/** What the table of keys has workers told; `ipc/worker_config.ts` says how each is checked there. */
function concerningWorkers(config: ManagerConfig): Pick<WorkerConfig, WorkerKeys> {
  const told: Pick<ManagerConfig, WorkerKeys> = Object.fromEntries(
    Object.entries(config).filter(([name]) => KEYS[name as keyof Keys].concerns === "worker"),
  ) as Pick<ManagerConfig, WorkerKeys>;
  return told;
}

/** How long workers that leave with their manager may go on with what is under way, in milliseconds. */
export function lossDeadlineMs({ drainDeadlineMs }: ManagerConfig): number {
  return Math.min(LOSS_DEADLINE_MS, drainDeadlineMs);
}
