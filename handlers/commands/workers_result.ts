import type { ParameterSpec } from "./parameters.ts";
import { type Schema, schemaOf } from "./schema.ts";
import { status } from "./status.ts";
import { type WorkerStatus, workerStatus } from "./status_report.ts";
import type { View } from "./view.ts";
import { showSummaries } from "./worker_table.ts";

/** What the commands that change workers answer: the workers concerned, as they are then. */
export interface WorkersResult {
  workers: WorkerStatus[];
}

/** Schema of {@linkcode WorkersResult}. */
export const workersResult: Schema<WorkersResult> = schemaOf<WorkersResult>()((v) =>
  v.object({ workers: v.array(workerStatus(v)) })
);

/** Workers that were changed, for people. */
export function showChanged({ workers }: WorkersResult, view: View): string {
  return showSummaries(workers, view);
}

/** Which workers a command is about. */
export const workersParameter = {
  kind: "workers",
  summary: "Ports of the workers, or all",
  required: true,
  positional: true,
  complete: async (ask) => {
    const { workers } = await ask(status);
    return ["all", ...workers.map(({ port }) => String(port))];
  },
} as const satisfies ParameterSpec;

/** The longest that workers may be given to leave: a day, in milliseconds. */
const MAX_DEADLINE_MS = 24 * 60 * 60 * 1000;

/** How long what is under way may take. */
export const deadlineParameter = {
  kind: "duration",
  summary: "How long transfers that are under way may take: 500ms, 30s, 5m or 1h",
  flag: "deadline",
  range: [0, MAX_DEADLINE_MS],
} as const satisfies ParameterSpec;

/** Of commands that end something. */
export const nowParameter = {
  kind: "boolean",
  summary: "Do not wait for transfers that are under way",
  default: false,
} as const satisfies ParameterSpec;
