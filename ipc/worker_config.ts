import type { LogLevel } from "@logtape/logtape";
import { MAX_PORT } from "../base/mod.ts";
import {
  booleanField,
  type Checked,
  checkFields,
  type FieldCheck,
  type Fields,
  integerField,
  logLevelField,
  malformed,
  objectField,
  stringField,
} from "./checked_fields.ts";

export type { LogLevel };

/** What a worker is told in any case, with how it is checked. */
const NEEDED = {
  instance: stringField,
  /** Address to listen on: an IPv4 or IPv6 literal. */
  host: stringField,
  /** UDP port; 0 lets the system choose. */
  port: whole(MAX_PORT),
  /** Directory of the files served. */
  root: stringField,
  certificateFile: stringField,
  privateKeyFile: stringField,
  /** What clients must show. */
  token: stringField,
  logLevel: logLevelField,
  logFormat: logFormatField,
};

/** What it does when its manager is gone. */
const MANAGER_LOSS = {
  /** Whether it goes on serving, until another manager of the instance takes over. */
  keep: booleanField,
  /** How long what is under way may go on if it leaves, in milliseconds. */
  deadlineMs: whole(Number.MAX_SAFE_INTEGER),
  /** Absolute path of the file that it logs to when nobody takes its lines any more. */
  logFile: stringField,
};

/** What tells the directory of the files from another one in its place. */
const ROOT_MARK = { id: stringField, place: stringField };

/** What it is told where it is to know better than by itself. */
const OPTIONAL = {
  /** Path of libmsquic; looked up where it is missing. */
  msquicPath: stringField,
  /** By default it leaves. */
  onManagerLoss: objectField(MANAGER_LOSS),
  /** How much is kept of interrupted uploads: how many, and of how many bytes together. */
  keptUploads: objectField({
    count: whole(Number.MAX_SAFE_INTEGER),
    bytes: whole(Number.MAX_SAFE_INTEGER),
  }),
  /** Without, it prepares the directory itself. */
  rootMark: objectField(ROOT_MARK),
};

/** What a worker needs to know to run. */
export type WorkerConfig = Checked<typeof NEEDED> & Partial<Checked<typeof OPTIONAL>>;

export type ManagerLoss = Checked<typeof MANAGER_LOSS>;

export type RootMark = Checked<typeof ROOT_MARK>;

/** @throws {SegmentCorruptError} when it is no configuration, down to every field. */
export function checkWorkerConfig(value: unknown): WorkerConfig {
  return checkFields(value, "config", NEEDED, OPTIONAL);
}

function whole(max: number): FieldCheck<number> {
  return (fields, key) => integerField(fields, key, 0, max);
}

function logFormatField(fields: Fields, key: string): "pretty" | "json" {
  const format = stringField(fields, key);
  if (format === "pretty" || format === "json") return format;
  throw malformed(`field "${key}" is neither "pretty" nor "json"`);
}
