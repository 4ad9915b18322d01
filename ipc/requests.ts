import type { LogLevel } from "@logtape/logtape";
import { MAX_PORT } from "../base/mod.ts";
import {
  arrayField,
  booleanField,
  fieldsOf,
  integerField,
  logLevelField,
  malformed,
  stringField,
} from "./checked_fields.ts";

/** No parameters. */
export type Nothing = Record<string, never>;

/** A client of a worker, as the worker sees it. */
export interface SessionSummary {
  id: string;
  /** Address and port. */
  peer: string;
  /** What the client calls itself; null before it has said so, or when it does not. */
  agent: string | null;
  state: "authenticating" | "active" | "draining" | "closing";
  /** When the connection was accepted, in milliseconds since 1970. */
  since: number;
  /** Requests under way. */
  requests: number;
  bytesIn: number;
  bytesOut: number;
}

/** What a worker is, for a manager that has not started it. */
export interface WorkerIdentity {
  /** The port it listens on. */
  port: number;
  /** What it was told to be: see `configDigest`. */
  digest: string;
  /** Version of its MsQuic library. */
  msquic: string;
  /** Of its certificate: lower-case hex SHA-256 of the DER. Older workers do not tell. */
  fingerprint?: string;
  /** Since it was ready, in milliseconds. */
  uptimeMs: number;
  /** It was told to leave, or has to. */
  leaving: boolean;
}

/** What a manager can ask its worker. */
export interface ManagerRequests {
  /** Whether it answers; with its clock, in milliseconds since 1970. */
  ping: { params: Nothing; answer: { time: number } };
  /** What it is; it has to be ready. */
  identify: { params: Nothing; answer: WorkerIdentity };
  /** Who is connected. */
  sessions: { params: Nothing; answer: { sessions: SessionSummary[] } };
  /** Ends one client's connection; `kicked` is false when there is none of that id. */
  kick: { params: { session: string }; answer: { kicked: boolean } };
  /** Logs at this level from now on; answers with the one before. */
  "log-level": { params: { level: LogLevel }; answer: { before: LogLevel } };
}

/** What a worker can ask its manager. */
export interface WorkerRequests {
  /** Whether it answers; with its clock, in milliseconds since 1970. */
  ping: { params: Nothing; answer: { time: number } };
  /** To let go of the worker's port, which it binds as soon as that is answered. */
  "let-go-of-port": { params: Nothing; answer: Nothing };
}

/** What every map of requests is: by the name of each, what it takes and what it answers. */
export type RequestTypes<Map> = { [Name in keyof Map]: { params: unknown; answer: unknown } };

/** How what comes from the other process is checked, field by field. */
export type RequestChecks<Requests extends RequestTypes<Requests>> = {
  readonly [Name in keyof Requests]: {
    /** @throws {SegmentCorruptError} */
    params(value: unknown): Requests[Name]["params"];
    /** @throws {SegmentCorruptError} */
    answer(value: unknown): Requests[Name]["answer"];
  };
};

const SESSION_STATES = ["authenticating", "active", "draining", "closing"] as const;
const MAX = Number.MAX_SAFE_INTEGER;

const ping: RequestChecks<Pick<ManagerRequests, "ping">>["ping"] = {
  params: nothing,
  answer(value) {
    const fields = fieldsOf(value, "answer", ["time"]);
    return { time: integerField(fields, "time", 0, MAX) };
  },
};

export const MANAGER_REQUESTS: RequestChecks<ManagerRequests> = {
  ping,
  identify: { params: nothing, answer: workerIdentity },
  sessions: {
    params: nothing,
    answer(value) {
      const fields = fieldsOf(value, "answer", ["sessions"]);
      return { sessions: arrayField(fields, "sessions", sessionSummary) };
    },
  },
  kick: {
    params(value) {
      return { session: stringField(fieldsOf(value, "params", ["session"]), "session") };
    },
    answer(value) {
      return { kicked: booleanField(fieldsOf(value, "answer", ["kicked"]), "kicked") };
    },
  },
  "log-level": {
    params(value) {
      return { level: logLevelField(fieldsOf(value, "params", ["level"]), "level") };
    },
    answer(value) {
      return { before: logLevelField(fieldsOf(value, "answer", ["before"]), "before") };
    },
  },
};

export const WORKER_REQUESTS: RequestChecks<WorkerRequests> = {
  ping,
  "let-go-of-port": {
    params: nothing,
    answer(value) {
      fieldsOf(value, "answer", []);
      return {};
    },
  },
};

function nothing(value: unknown): Nothing {
  fieldsOf(value, "params", []);
  return {};
}

function workerIdentity(value: unknown): WorkerIdentity {
  const keys = ["port", "digest", "msquic", "fingerprint", "uptimeMs", "leaving"];
  const fields = fieldsOf(value, "answer", keys);
  return {
    port: integerField(fields, "port", 1, MAX_PORT),
    digest: stringField(fields, "digest"),
    msquic: stringField(fields, "msquic"),
    ...("fingerprint" in fields && { fingerprint: stringField(fields, "fingerprint") }),
    uptimeMs: integerField(fields, "uptimeMs", 0, MAX),
    leaving: booleanField(fields, "leaving"),
  };
}

function sessionSummary(value: unknown): SessionSummary {
  const fields = fieldsOf(value, "session", [
    "id",
    "peer",
    "agent",
    "state",
    "since",
    "requests",
    "bytesIn",
    "bytesOut",
  ]);
  const state = SESSION_STATES.find((state) => state === fields.state);
  if (state === undefined) throw malformed('field "state" is no state of a session');
  return {
    id: stringField(fields, "id"),
    peer: stringField(fields, "peer"),
    agent: fields.agent === null ? null : stringField(fields, "agent"),
    state,
    since: integerField(fields, "since", 0, MAX),
    requests: integerField(fields, "requests", 0, MAX),
    bytesIn: integerField(fields, "bytesIn", 0, MAX),
    bytesOut: integerField(fields, "bytesOut", 0, MAX),
  };
}
