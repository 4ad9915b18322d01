import { counted } from "../../base/counted.ts";
import { defineCommand } from "./command.ts";
import { type CertificateStatus, managerStatus, type WorkerStatus } from "./status_report.ts";
import type { View } from "./view.ts";
import { showWorkers } from "./worker_table.ts";

/** From how many days on somebody has to hear of it. */
const WARN_DAYS = 30;

/** `status`: the manager and its workers. */
export const status = defineCommand({
  name: "status",
  summary: "Show this machine's manager and its workers",
  right: "read",
  parameters: {},
  watchable: true,
  result: managerStatus,
  run: (context) => context.status(),
  show: ({ instance, pid, version, msquic, state, uptimeMs, certificate, workers }, view) => {
    const facts = [
      `instance "${instance}"`,
      `pid ${pid}`,
      state,
      `up ${view.duration(uptimeMs)}`,
      `msquicd ${version}`,
      ...(msquic === null ? [] : [`MsQuic ${msquic}`]),
    ];
    const errors = workers.flatMap((worker) => lastError(worker, view));
    const term = certificate === undefined ? [] : showCertificate(certificate, view);
    return [view.facts(facts), showWorkers(workers, view), ...errors, ...term].join("\n");
  },
});

/** Only what somebody should do something about. */
function showCertificate(
  { file, expires, daysLeft, problem }: CertificateStatus,
  view: View,
): string[] {
  const date = expires.slice(0, "2027-01-31".length);
  const place = view.printable(file);
  const term = daysLeft > WARN_DAYS
    ? []
    : daysLeft < 0
    ? [`certificate: ${place} expired on ${date}`]
    : [`certificate: ${place} expires in ${counted(daysLeft, "day")}, on ${date}`];
  if (problem === null) return term;
  return [...term, `certificate: going on with the one before: ${view.printable(problem)}`];
}

function lastError({ port, state, lastError }: WorkerStatus, view: View): string[] {
  if (lastError === null || state === "ready") return [];
  return [`worker ${port}: ${view.printable(lastError)}`];
}
