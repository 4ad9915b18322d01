import { MAX_PORT } from "../base/mod.ts";
import { fieldsOf, integerField, malformed, stringField } from "./checked_fields.ts";
import { checkWorkerConfig, type WorkerConfig } from "./worker_config.ts";

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

const MAX_PID = 0x7FFF_FFFF;
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
      return { type: "start", config: checkWorkerConfig(fields.config) };
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
