import {
  messages,
  type SystemDiskResponse,
  type SystemInfoResponse,
  type SystemProcessesResponse,
  type SystemStatsResponse,
  type SystemTimeResponse,
} from "../../protocol/mod.ts";
import { defineHandler, type MessageHandler, type Storage } from "./handler.ts";

/** Where a worker's system services look. */
export interface SystemServices {
  /** The machine, and what the worker is made of. */
  info(storage: Storage): Promise<SystemInfoResponse>;
  /** What the worker has done, and how it is. */
  stats(): Promise<SystemStatsResponse>;
  /** The processes of its instance. */
  processes(signal: AbortSignal): Promise<SystemProcessesResponse>;
  /** The disks that the storage is on. */
  disks(storage: Storage): Promise<SystemDiskResponse>;
}

/** The handlers of `system.info`, `system.time`, `system.stats`, `system.processes` and `system.disk`. */
export function systemHandlers(services: SystemServices): MessageHandler[] {
  return [
    defineHandler(messages.systemInfo, (_request, { storage }) => services.info(storage)),
    defineHandler(messages.systemTime, timeNow, { atOnce: true }),
    defineHandler(messages.systemStats, () => services.stats()),
    defineHandler(messages.systemProcesses, (_request, { signal }) => services.processes(signal)),
    defineHandler(messages.systemDisk, (_request, { storage }) => services.disks(storage)),
  ];
}

function timeNow(): SystemTimeResponse {
  const now = new Date();
  return {
    time: now.getTime(),
    zone: Intl.DateTimeFormat().resolvedOptions().timeZone,
    offsetMinutes: -Math.round(now.getTimezoneOffset()),
  };
}
