import {
  badField,
  type Fields,
  fieldsOf,
  hasField,
  listField,
  sizeField,
  textField,
} from "./fields.ts";

/** Longest text in what a server tells of its machine, in UTF-16 code units: paths are the longest. */
const MAX_SYSTEM_TEXT = 4096;

/** Most disks that a server tells of. */
const MAX_DISKS = 16;

/** Most that the shares of processors can come to, in percent: far more than there are. */
export const MAX_PERCENT = 1_000_000;

/** Longest uptime, in milliseconds. */
export const MAX_UPTIME_MS: number = Number.MAX_SAFE_INTEGER;

/** What a process of an instance is. */
export const PROCESS_ROLES = ["manager", "worker"] as const;

/** One of them. */
export type ProcessRole = typeof PROCESS_ROLES[number];

/** The shares of an event loop's turns of which is told what they have not exceeded. */
export const TURN_QUANTILES = { p50: 0.5, p90: 0.9, p99: 0.99, p999: 0.999 } as const;

/** The name of one of them. */
export type TurnQuantile = keyof typeof TURN_QUANTILES;

/** A request that says nothing, so that what is there is ignored. */
export type EmptyRequest = Readonly<Record<string, never>>;

/** A disk that a server stores files on, as the system counts it. */
export interface DiskInfo {
  /** A directory on it: of the files, or of the uploads under way where that is another disk. */
  path: string;
  /** Size of the file system, in bytes. */
  total: number;
  /** What is free of it, in bytes. */
  free: number;
  /** What of that the server may use: some systems keep a part for the administrator. */
  available: number;
  /** How many files it can hold; missing where the system sets no number, or does not tell. */
  files?: number;
  /** How many more there can be. */
  filesFree?: number;
}

const NOTHING: EmptyRequest = Object.freeze({});

/** Takes any body for nothing. */
export function parseNothing(): EmptyRequest {
  return NOTHING;
}

/** Text that a server tells of itself. @throws {ProtocolError} `bad-body`. */
export function systemText(fields: Fields, field: string): string {
  return textField(fields, field, MAX_SYSTEM_TEXT);
}

/** The field `disks`. @throws {ProtocolError} `bad-body`. */
export function disksField(fields: Fields): DiskInfo[] {
  return listField(fields, "disks", MAX_DISKS, parseDisk);
}

/** A field that is a map. @throws {ProtocolError} `bad-body`. */
export function mapField(fields: Fields, field: string): Fields {
  if (!hasField(fields, field)) throw badField(field, "a map", fields[field]);
  return fieldsOf(fields[field], `Field "${field}"`);
}

function parseDisk(value: unknown): DiskInfo {
  const fields = fieldsOf(value, "A disk");
  const disk: DiskInfo = {
    path: systemText(fields, "path"),
    total: sizeField(fields, "total"),
    free: sizeField(fields, "free"),
    available: sizeField(fields, "available"),
  };
  if (hasField(fields, "files")) disk.files = sizeField(fields, "files");
  if (hasField(fields, "filesFree")) disk.filesFree = sizeField(fields, "filesFree");
  return disk;
}
