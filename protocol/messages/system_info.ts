import type { MessageDefinition } from "../definition.ts";
import {
  type Fields,
  fieldsOf,
  hasField,
  integerField,
  listField,
  numberField,
  sizeField,
} from "../fields.ts";
import { MAX_PORT } from "../../base/mod.ts";
import {
  type DiskInfo,
  disksField,
  type EmptyRequest,
  mapField,
  MAX_UPTIME_MS,
  parseNothing,
  systemText,
} from "../system_bodies.ts";

/** Answer to `system.info`. */
export interface SystemInfoResponse {
  /** The machine's own name. */
  host: string;
  /** The operating system: `linux` or `windows`. */
  os: string;
  /** Its version, as it says itself. */
  release: string;
  /** The processors' kind: `x86_64` or `aarch64`. */
  arch: string;
  /** Since the machine was started, in milliseconds. */
  uptimeMs: number;
  versions: SystemVersions;
  /** Name of the instance that the worker belongs to. */
  instance: string;
  /** The worker's UDP port. */
  port: number;
  /** The worker's process. */
  pid: number;
  /** How many processors the worker may use. */
  processors: number;
  /** How many processes wanted one, on the average of the last 1, 5 and 15 minutes; not on Windows. */
  load?: number[];
  memory: MemoryInfo;
  /** Those that the storage is on. */
  disks: DiskInfo[];
}

/** What a server is made of. */
export interface SystemVersions {
  msquicd: string;
  deno: string;
  v8: string;
  msquic: string;
}

/** A machine's memory, in bytes. */
export interface MemoryInfo {
  total: number;
  /** What programs can still have of it without swapping. */
  available: number;
  swapTotal: number;
  swapFree: number;
}

/** Tells of the machine that a worker runs on, and what it is made of. */
export const systemInfo: MessageDefinition<EmptyRequest, SystemInfoResponse, 32> = {
  type: 32,
  name: "system.info",
  right: "system",
  parseRequest: parseNothing,
  parseResponse,
};

function parseResponse(body: unknown): SystemInfoResponse {
  const fields = fieldsOf(body);
  const response: SystemInfoResponse = {
    host: systemText(fields, "host"),
    os: systemText(fields, "os"),
    release: systemText(fields, "release"),
    arch: systemText(fields, "arch"),
    uptimeMs: integerField(fields, "uptimeMs", 0, MAX_UPTIME_MS),
    versions: parseVersions(mapField(fields, "versions")),
    instance: systemText(fields, "instance"),
    port: integerField(fields, "port", 0, MAX_PORT),
    pid: integerField(fields, "pid", 0, Number.MAX_SAFE_INTEGER),
    processors: integerField(fields, "processors", 1, 65_536),
    memory: parseMemory(mapField(fields, "memory")),
    disks: disksField(fields),
  };
  if (hasField(fields, "load")) response.load = listField(fields, "load", 3, parseLoad);
  return response;
}

function parseLoad(load: unknown): number {
  return numberField({ load }, "load", 0, Number.MAX_SAFE_INTEGER);
}

function parseVersions(fields: Fields): SystemVersions {
  return {
    msquicd: systemText(fields, "msquicd"),
    deno: systemText(fields, "deno"),
    v8: systemText(fields, "v8"),
    msquic: systemText(fields, "msquic"),
  };
}

function parseMemory(fields: Fields): MemoryInfo {
  return {
    total: sizeField(fields, "total"),
    available: sizeField(fields, "available"),
    swapTotal: sizeField(fields, "swapTotal"),
    swapFree: sizeField(fields, "swapFree"),
  };
}
