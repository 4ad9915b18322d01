import { createHash } from "node:crypto";
import { audit, auditToFile, hasAuditFile, LogIsLinkError } from "../log/mod.ts";
import { VERSION } from "../version.ts";
import type { ManagerConfig } from "./config/config.ts";
import { configReport } from "./config/config_report.ts";
import { refusedBySystem, StateError } from "./state/state_errors.ts";

/**
 * Has audit records go to the file that the configuration names, if it names one.
 *
 * @returns What has them go to the log again.
 * @throws {StateError} If it cannot be written to: whoever wants records does not want to go without.
 */
export async function openAudit({ auditFile }: ManagerConfig): Promise<AsyncDisposable> {
  if (auditFile === undefined) return new AsyncDisposableStack();
  try {
    return await auditToFile(auditFile);
  } catch (error) {
    const advice = "mend that, or name another auditFile in the configuration";
    if (error instanceof LogIsLinkError) throw new StateError(`${error.message}, or ${advice}`);
    throw refusedBySystem(`write to audit file "${auditFile}"`, error, advice);
  }
}

/** Writes down that a manager is ready, and with which configuration; the log says so in its own way. */
export function auditStart(
  config: ManagerConfig,
  file: string | undefined,
  ports: readonly number[],
): void {
  if (!hasAuditFile()) return;
  const report = JSON.stringify(configReport(config, file));
  audit({
    ...{ event: "server.start", result: "ok", kind: "owner", pid: Deno.pid, version: VERSION },
    ports: ports.join(","),
    file: file ?? null,
    // Tells whether it is the one of before, and nothing that is in it.
    configuration: createHash("sha256").update(report).digest("hex"),
  });
}

/** Writes down that all workers of a manager have stopped. */
export function auditStop(): void {
  if (hasAuditFile()) audit({ event: "server.stop", result: "ok", kind: "owner", pid: Deno.pid });
}
