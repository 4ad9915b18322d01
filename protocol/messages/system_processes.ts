import type { MessageDefinition } from "../definition.ts";
import {
  fieldsOf,
  hasField,
  integerField,
  listField,
  numberField,
  sizeField,
  wordField,
} from "../fields.ts";
import { MAX_PORT } from "../../base/mod.ts";
import {
  type EmptyRequest,
  MAX_PERCENT,
  MAX_UPTIME_MS,
  parseNothing,
  PROCESS_ROLES,
  type ProcessRole,
  systemText,
} from "../system_bodies.ts";

/** Most processes that are told of: as many workers as there can be, and what else there is. */
const MAX_PROCESSES = 10_000;

/** A process of an instance. */
export interface ProcessInfo {
  pid: number;
  role: ProcessRole;
  /** A worker's UDP port. */
  port?: number;
  /** What it is at, as `status` has it: `ready`. */
  state: string;
  /** Of one core, lately: 100 is one core fully used. */
  cpuPercent: number;
  /** Its resident memory, in bytes. */
  rssBytes: number;
  /** Since it was started, or, for a worker, since it was ready, in milliseconds. */
  uptimeMs: number;
}

/** Answer to `system.processes`. */
export interface SystemProcessesResponse {
  /** The manager first. A worker that has none any more tells of itself alone. */
  processes: ProcessInfo[];
}

/** Tells of the processes of the instance that a worker belongs to, and of no others. */
export const systemProcesses: MessageDefinition<EmptyRequest, SystemProcessesResponse, 35> = {
  type: 35,
  name: "system.processes",
  right: "system",
  parseRequest: parseNothing,
  parseResponse: (body) => ({
    processes: listField(fieldsOf(body), "processes", MAX_PROCESSES, parseProcess),
  }),
};

function parseProcess(value: unknown): ProcessInfo {
  const fields = fieldsOf(value, "A process");
  const info: ProcessInfo = {
    pid: sizeField(fields, "pid"),
    role: wordField(fields, "role", PROCESS_ROLES),
    state: systemText(fields, "state"),
    cpuPercent: numberField(fields, "cpuPercent", 0, MAX_PERCENT),
    rssBytes: sizeField(fields, "rssBytes"),
    uptimeMs: integerField(fields, "uptimeMs", 0, MAX_UPTIME_MS),
  };
  if (hasField(fields, "port")) info.port = integerField(fields, "port", 0, MAX_PORT);
  return info;
}
