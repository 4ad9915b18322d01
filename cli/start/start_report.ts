import { commandLine } from "../../base/mod.ts";
import {
  type ManagerStatus,
  showSummaries,
  type WorkerSummary,
} from "../../handlers/commands/mod.ts";
import type { InstanceInfo, StateDirectory } from "../../manager/mod.ts";
import type { Output } from "../text/output.ts";
import type { Terminal } from "../text/terminal.ts";
import { viewOf } from "../text/view.ts";

/** What `start --json` prints once every worker is ready. */
export interface StartReport {
  instance: string;
  pid: number;
  version: string;
  msquic: string | null;
  host: string;
  ports: number[];
  /** Lower-case hex SHA-256 of the workers' certificate. */
  fingerprint: string;
  /** Where the files are kept. */
  root: string;
  /** Where certificate, key and token are kept. */
  state: string;
  workers: WorkerSummary[];
}

/** Puts together what there is to say of a manager that has just started. */
export function reportOf(
  info: Readonly<InstanceInfo>,
  status: ManagerStatus,
  root: string,
  state: StateDirectory,
): StartReport {
  const { instance, pid, version, host, ports, fingerprint } = info;
  const { msquic, workers } = status;
  return {
    ...{ instance, pid, version, msquic, host, ports, fingerprint, root, state: state.path },
    workers: workers.map(({ port, pid, state }) => ({ port, pid, state })),
  };
}

/** Says that a manager is up, and how to use it. */
export function printReport(report: StartReport, output: Output, terminal: Terminal): void {
  const { instance, pid, version, msquic, fingerprint, root, state } = report;
  output.line(showSummaries(report.workers, viewOf(terminal, instance)));
  output.line(`msquicd ${version}, MsQuic ${msquic}, instance "${instance}", pid ${pid}`);
  output.line(`files        ${root}`);
  output.line(`state        ${state} (certificate, key, token)`);
  output.line(`fingerprint  ${fingerprint}`);
  output.line(`try          ${commandLine("put FILE", instance)}   (in another terminal)`);
  if (!isLoopback(report.host)) {
    const elsewhere = `put FILE --server HOST:${report.ports[0]} --fingerprint ${fingerprint}`;
    output.line(`elsewhere    MSQUICD_TOKEN=... ${commandLine(elsewhere)}`);
  }
  output.result(report);
}

function isLoopback(host: string): boolean {
  return host.startsWith("127.") || host === "::1";
}
