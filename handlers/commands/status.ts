import { defineCommand } from "./command.ts";
import { managerStatus, type WorkerStatus } from "./status_report.ts";
import type { View } from "./view.ts";
import { showWorkers } from "./worker_table.ts";

/** `status`: the manager and its workers. */
export const status = defineCommand({
  name: "status",
  summary: "Show this machine's manager and its workers",
  right: "read",
  parameters: {},
  result: managerStatus,
  run: (context) => context.status(),
  show: ({ instance, pid, version, msquic, state, uptimeMs, workers }, view) => {
    const facts = [
      `instance "${instance}"`,
      `pid ${pid}`,
      state,
      `up ${view.duration(uptimeMs)}`,
      `msquicd ${version}`,
      ...(msquic === null ? [] : [`MsQuic ${msquic}`]),
    ];
    const errors = workers.flatMap((worker) => lastError(worker, view));
    return [view.facts(facts), showWorkers(workers, view), ...errors].join("\n");
  },
});

function lastError({ port, state, lastError }: WorkerStatus, view: View): string[] {
  if (lastError === null || state === "ready") return [];
  return [`worker ${port}: ${view.printable(lastError)}`];
}
