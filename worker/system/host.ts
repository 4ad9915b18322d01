import type { DiskInfo, MemoryInfo, SystemInfoResponse } from "../../protocol/mod.ts";
import { VERSION } from "../../version.ts";

/** What of the answer to `system.info` is the worker's to say. */
export type WorkerFacts = Pick<SystemInfoResponse, "instance" | "port"> & { msquic: string };

/** What there is to say of this machine, and of the worker on it. */
export function describeHost(
  { instance, port, msquic }: WorkerFacts,
  disks: DiskInfo[],
): SystemInfoResponse {
  const { os, arch } = Deno.build;
  const { deno, v8 } = Deno.version;
  const facts = {
    host: Deno.hostname(),
    os,
    release: Deno.osRelease(),
    arch,
    uptimeMs: Math.round(Deno.osUptime() * 1000),
    versions: { msquicd: VERSION, deno, v8, msquic },
    instance,
    port,
    pid: Deno.pid,
    processors: navigator.hardwareConcurrency,
    memory: memory(),
    disks,
  };
  // On Windows they would always be 0.
  return os === "windows" ? facts : { ...facts, load: Deno.loadavg() };
}

function memory(): MemoryInfo {
  const { total, available, swapTotal, swapFree } = Deno.systemMemoryInfo();
  return { total, available, swapTotal, swapFree };
}
