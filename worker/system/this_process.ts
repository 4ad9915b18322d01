import { cpuUsage } from "node:process";
import type { ProcessInfo } from "../../protocol/mod.ts";

/** What a worker can say of its own process, where there is no manager that knows. */
export function describeThis(
  { port, uptimeMs }: { readonly port: number; readonly uptimeMs: number },
): ProcessInfo {
  const { user, system } = cpuUsage();
  return {
    pid: Deno.pid,
    role: "worker",
    port,
    state: "ready",
    // Microseconds of milliseconds, since it began.
    cpuPercent: Math.round((user + system) / performance.now()) / 10,
    rssBytes: Deno.memoryUsage().rss,
    uptimeMs,
  };
}
