import type { LogLevel } from "@logtape/logtape";
import {
  booleanField,
  type Fields,
  fieldsOf,
  integerField,
  logLevelField,
  malformed,
  stringField,
} from "./checked_fields.ts";

export type { LogLevel };

/** What a worker needs to know to run. */
export interface WorkerConfig {
  instance: string;
  /** Address to listen on: an IPv4 or IPv6 literal. */
  host: string;
  /** UDP port; 0 lets the system choose. */
  port: number;
  /** Directory of the files served. */
  root: string;
  certificateFile: string;
  privateKeyFile: string;
  /** What clients must show. */
  token: string;
  logLevel: LogLevel;
  logFormat: "pretty" | "json";
  /** Path of libmsquic; looked up where it is missing. */
  msquicPath?: string;
  /** What it does when its manager is gone; by default it leaves. */
  onManagerLoss?: ManagerLoss;
  /** How much is kept of interrupted uploads; a worker's own idea of it by default. */
  keptUploads?: KeptUploads;
  /** By which the directory is known; without, the worker prepares it itself. */
  rootMark?: RootMark;
}

/** What tells the directory of the files from another one in its place. */
export interface RootMark {
  id: string;
  place: string;
}

/** How much is kept of interrupted uploads. */
export interface KeptUploads {
  /** How many. */
  count: number;
  /** Of how many bytes together. */
  bytes: number;
}

/** What a worker does when its manager is gone. */
export interface ManagerLoss {
  /** Whether it goes on serving, until another manager of the instance takes over. */
  keep: boolean;
  /** How long what is under way may go on if it leaves, in milliseconds. */
  deadlineMs: number;
  /** Absolute path of the file that it logs to when nobody takes its lines any more. */
  logFile: string;
}

/** Another worker of the same manager, ready to take clients. */
export interface Sibling {
  port: number;
  sessions: number;
  transfers: number;
}

/** What a manager tells its worker. */
export type ManagerMessage =
  | { type: "start"; config: WorkerConfig }
  /** Finish what is under way within the deadline, then leave. */
  | { type: "stop"; deadlineMs: number }
  /** The other workers that are ready and stay so, least loaded first. */
  | { type: "siblings"; siblings: Sibling[] };

/** What a worker tells its manager. */
export type WorkerMessage =
  /**
   * It listens on `port`; `msquic` is the library's version, `fingerprint` that of its certificate:
   * lower-case hex SHA-256 of the DER.
   */
  | { type: "ready"; port: number; pid: number; msquic: string; fingerprint?: string }
  /** It cannot start, or cannot go on. */
  | { type: "failed"; error: { code: string; message: string } }
  /** It has stopped because it was told to. */
  | { type: "stopped" };

const MAX_PORT = 0xFFFF;
const MAX_PID = 0x7FFF_FFFF;
const CONFIG_KEYS = [
  "instance",
  "host",
  "port",
  "root",
  "certificateFile",
  "privateKeyFile",
  "token",
  "logLevel",
  "logFormat",
  "msquicPath",
  "onManagerLoss",
  "keptUploads",
  "rootMark",
] as const satisfies (keyof WorkerConfig)[];

const encoder = new TextEncoder();
const decoder = new TextDecoder("utf-8", { fatal: true });

/** A message as it goes through the ring: JSON in UTF-8. */
export function encodeMessage(message: ManagerMessage | WorkerMessage): Uint8Array<ArrayBuffer> {
  return encoder.encode(JSON.stringify(message));
}

/** Whether a message overtakes those that are not: in the ring, and at its reader. */
export function isUrgent(message: ManagerMessage | WorkerMessage): boolean {
  return message.type === "stop";
}

/** @throws {SegmentCorruptError} when it is no message of a manager, down to every field. */
export function managerMessage(value: unknown): ManagerMessage {
  switch (typeOf(value)) {
    case "start": {
      const fields = fieldsOf(value, "start", ["type", "config"]);
      return { type: "start", config: workerConfig(fields.config) };
    }
    case "stop": {
      const fields = fieldsOf(value, "stop", ["type", "deadlineMs"]);
      const deadlineMs = integerField(fields, "deadlineMs", 0, Number.MAX_SAFE_INTEGER);
      return { type: "stop", deadlineMs };
    }
    case "siblings": {
      const fields = fieldsOf(value, "siblings", ["type", "siblings"]);
      return { type: "siblings", siblings: siblings(fields.siblings) };
    }
    default:
      throw malformed("its type is none that a manager sends");
  }
}

/** @throws {SegmentCorruptError} when it is no message of a worker, down to every field. */
export function workerMessage(value: unknown): WorkerMessage {
  switch (typeOf(value)) {
    case "ready": {
      const fields = fieldsOf(value, "ready", ["type", "port", "pid", "msquic", "fingerprint"]);
      return {
        type: "ready",
        port: integerField(fields, "port", 1, MAX_PORT),
        pid: integerField(fields, "pid", 1, MAX_PID),
        msquic: stringField(fields, "msquic"),
        ...("fingerprint" in fields && { fingerprint: stringField(fields, "fingerprint") }),
      };
    }
    case "failed": {
      const fields = fieldsOf(value, "failed", ["type", "error"]);
      const error = fieldsOf(fields.error, "error", ["code", "message"]);
      return {
        type: "failed",
        error: { code: stringField(error, "code"), message: stringField(error, "message") },
      };
    }
    case "stopped":
      fieldsOf(value, "stopped", ["type"]);
      return { type: "stopped" };
    default:
      throw malformed("its type is none that a worker sends");
  }
}

function siblings(value: unknown): Sibling[] {
  if (!Array.isArray(value)) throw malformed('field "siblings" is no array');
  return value.map((item) => {
    const fields = fieldsOf(item, "sibling", ["port", "sessions", "transfers"]);
    return {
      port: integerField(fields, "port", 1, MAX_PORT),
      sessions: integerField(fields, "sessions", 0, Number.MAX_SAFE_INTEGER),
      transfers: integerField(fields, "transfers", 0, Number.MAX_SAFE_INTEGER),
    };
  });
}

function workerConfig(value: unknown): WorkerConfig {
  const fields = fieldsOf(value, "config", CONFIG_KEYS);
  return {
    instance: stringField(fields, "instance"),
    host: stringField(fields, "host"),
    port: integerField(fields, "port", 0, MAX_PORT),
    root: stringField(fields, "root"),
    certificateFile: stringField(fields, "certificateFile"),
    privateKeyFile: stringField(fields, "privateKeyFile"),
    token: stringField(fields, "token"),
    logLevel: logLevel(fields),
    logFormat: logFormat(fields),
    ...("msquicPath" in fields && { msquicPath: stringField(fields, "msquicPath") }),
    ...("onManagerLoss" in fields && { onManagerLoss: managerLoss(fields.onManagerLoss) }),
    ...("keptUploads" in fields && { keptUploads: keptUploads(fields.keptUploads) }),
    ...("rootMark" in fields && { rootMark: rootMark(fields.rootMark) }),
  };
}

function managerLoss(value: unknown): ManagerLoss {
  const fields = fieldsOf(value, "onManagerLoss", ["keep", "deadlineMs", "logFile"]);
  return {
    keep: booleanField(fields, "keep"),
    deadlineMs: integerField(fields, "deadlineMs", 0, Number.MAX_SAFE_INTEGER),
    logFile: stringField(fields, "logFile"),
  };
}

function rootMark(value: unknown): RootMark {
  const fields = fieldsOf(value, "rootMark", ["id", "place"]);
  return { id: stringField(fields, "id"), place: stringField(fields, "place") };
}

function keptUploads(value: unknown): KeptUploads {
  const fields = fieldsOf(value, "keptUploads", ["count", "bytes"]);
  return {
    count: integerField(fields, "count", 0, Number.MAX_SAFE_INTEGER),
    bytes: integerField(fields, "bytes", 0, Number.MAX_SAFE_INTEGER),
  };
}

function logLevel(fields: Fields): LogLevel {
  return logLevelField(fields, "logLevel");
}

function logFormat(fields: Fields): "pretty" | "json" {
  const format = stringField(fields, "logFormat");
  if (format === "pretty" || format === "json") return format;
  throw malformed('field "logFormat" is neither "pretty" nor "json"');
}

/** What a message says that it is. */
export function typeOf(value: unknown): unknown {
  return typeof value === "object" && value !== null && "type" in value ? value.type : undefined;
}

/** @throws {SegmentCorruptError} when the record is no JSON. */
export function parseRecord(record: Uint8Array): unknown {
  try {
    return JSON.parse(decoder.decode(record));
  } catch {
    throw malformed("it is no JSON");
  }
}
