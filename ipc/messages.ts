import { MAX_PID, MAX_PORT } from "../base/mod.ts";
import { TICKET_KEY_LENGTH } from "../ffi/msquic/configuration.ts";
import {
  type Checked,
  type FieldCheck,
  type FieldChecks,
  fieldsChecker,
  hexField,
  integer,
  listField,
  malformed,
  objectField,
  optional,
  type OptionalCheck,
  stringField,
} from "./checked_fields.ts";
import { EVENTS, INTEREST } from "./event_fields.ts";
import { TOKEN } from "./token_fields.ts";
import { WORKER_CONFIG } from "./worker_config.ts";

const SIBLING:
  & Record<"port" | "sessions" | "transfers", FieldCheck<number>>
  & Record<"bytesPerSecond" | "cpuPercent", OptionalCheck<number>> = {
    port: integer(1, MAX_PORT),
    sessions: integer(0),
    transfers: integer(0),
    /** Bytes from and to its clients in the last second, where that counts. */
    bytesPerSecond: optional(integer(0)),
    /** Share of one processor in the last second, in percent, where that counts. */
    cpuPercent: optional(integer(0)),
  };

/** What a manager tells its worker: each message, with how its fields are checked. */
const MANAGER_MESSAGES = {
  /** What to be, and which tokens to let in; those may change as long as it lives, see the request `tokens`. */
  start: { config: objectField(WORKER_CONFIG), tokens: optional(listField(TOKEN)) },
  /** Finish what is under way within the deadline, then leave. */
  stop: { deadlineMs: integer(0) },
  /** The other workers that are ready and stay so, least loaded first. */
  siblings: {
    siblings: listField(SIBLING),
    /** The worker itself, where more than sessions count. */
    own: optional(objectField(SIBLING)),
  },
  /** The key that the tickets of clients are made with from now on. */
  "ticket-key": { key: hexField(TICKET_KEY_LENGTH) },
  /** Which events of its are wanted at other workers. It answers with what it wants itself. */
  "event-interest": INTEREST,
  /** What has happened at other workers. */
  events: EVENTS,
};

/** What a worker tells its manager: each message, with how its fields are checked. */
const WORKER_MESSAGES = {
  /** It listens on `port`. */
  ready: {
    port: integer(1, MAX_PORT),
    pid: integer(1, MAX_PID),
    /** The library's version. */
    msquic: stringField,
    /** Of its certificate: lower-case hex SHA-256 of the DER. */
    fingerprint: optional(stringField),
  },
  /** Which events of other workers are wanted at this one. */
  "event-interest": INTEREST,
  /** What has happened here, as far as it is wanted elsewhere. */
  events: EVENTS,
  /** It cannot start, or cannot go on. */
  failed: { error: objectField({ code: stringField, message: stringField }) },
  /** Lines for the audit, each with its line break. */
  audit: { text: stringField },
  /** It has stopped because it was told to. */
  stopped: {},
};

type MessageOf<Messages> = {
  [Type in keyof Messages]: { type: Type } & Checked<Messages[Type]>;
}[keyof Messages];

/** Another worker of the same manager, ready to take clients. */
export type Sibling = Checked<typeof SIBLING>;

/** What a manager tells its worker. */
export type ManagerMessage = MessageOf<typeof MANAGER_MESSAGES>;

/** What a worker tells its manager. */
export type WorkerMessage = MessageOf<typeof WORKER_MESSAGES>;

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
  return checkMessage(value, MANAGER_MESSAGES, "manager") as ManagerMessage;
}

/** @throws {SegmentCorruptError} when it is no message of a worker, down to every field. */
export function workerMessage(value: unknown): WorkerMessage {
  return checkMessage(value, WORKER_MESSAGES, "worker") as WorkerMessage;
}

function checkMessage(value: unknown, messages: Record<string, FieldChecks>, who: string): unknown {
  const type = typeOf(value);
  const checks = typeof type === "string" && Object.hasOwn(messages, type)
    ? messages[type]
    : undefined;
  if (checks === undefined) throw malformed(`its type is none that a ${who} sends`);
  return fieldsChecker({ type: stringField, ...checks })(value, String(type));
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
