import { MAX_PID, MAX_PORT } from "../base/mod.ts";
import {
  anyField,
  booleanField,
  type Checked,
  type FieldChecks,
  type Fields,
  fieldsChecker,
  fieldsOf,
  integer,
  listField,
  logLevelField,
  mapField,
  numberField,
  objectField,
  optional,
  stringField,
  textsField,
  wordField,
} from "./checked_fields.ts";

import { TOKEN } from "./token_fields.ts";

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

/** The most sessions or transfers of one answer. */
export const MAX_PAGE = 1000;

/** No parameters. */
export type Nothing = Record<string, never>;

const SESSION = {
  id: stringField,
  /** Address and port. */
  peer: stringField,
  /** What the client calls itself; null before it has said so, or when it does not. */
  agent: orNull(stringField),
  state: wordField("authenticating", "active", "draining", "closing"),
  /** What kind of client it is, and the name of its token, for example. */
  kind: stringField,
  identity: stringField,
  /** When the connection was accepted, in milliseconds since 1970. */
  since: integer(0),
  /** How long there has been no request under way, in milliseconds. */
  idleMs: integer(0),
  /** Requests under way. */
  requests: integer(0),
  /** All so far. */
  requestsTotal: integer(0),
  /** Files on their way. */
  transfers: integer(0),
  /** On streams and in datagrams. */
  bytesIn: integer(0),
  bytesOut: integer(0),
  /** What is known of the path; missing when the connection is over. */
  path: optional(objectField({
    /** Smoothed round trip, in microseconds. */
    rttUs: integer(0),
    /** In bytes. */
    congestionWindow: integer(0),
    packetsSent: integer(0),
    packetsLost: integer(0),
  })),
};

/** A field that may be null. */
function orNull<Value>(check: (fields: Fields, key: string) => Value) {
  return (fields: Fields, key: string) => fields[key] === null ? null : check(fields, key);
}

const TRANSFER = {
  /** Twelve hexadecimal digits; an upload has the same for as long as it goes on. */
  id: stringField,
  /** The client's session, and who it is. */
  session: stringField,
  peer: stringField,
  agent: orNull(stringField),
  identity: stringField,
  /** `file.put`, for example. */
  request: stringField,
  /** `up` is to the server; null where that is not known, as what follows. */
  direction: orNull(wordField("up", "down")),
  name: orNull(stringField),
  /** Of the whole file, in bytes. */
  size: orNull(integer(0)),
  /** How far it is in the file, and where it has gone on from, in bytes. */
  offset: integer(0),
  start: integer(0),
  /** When it began, in milliseconds since 1970. */
  since: integer(0),
  /** Bytes per second, over the last seconds. */
  rate: integer(0),
};

/** Which transfers are asked for: as of sessions. */
const TRANSFER_PAGE = { after: optional(integer(0)), limit: integer(1, MAX_PAGE) };

/** Which sessions are asked for. */
const SESSION_PAGE = {
  /** Those behind the one that `next` of the page before has named; from the first by default. */
  after: optional(integer(0)),
  /** At most so many. */
  limit: integer(1, MAX_PAGE),
  /** Only those whose ids begin so. */
  prefix: optional(stringField),
};

const IDENTITY = {
  /** The port it listens on. */
  port: integer(1, MAX_PORT),
  /** What it was told to be: see `configDigest`. */
  digest: stringField,
  /** Version of its MsQuic library. */
  msquic: stringField,
  /** Of its certificate: lower-case hex SHA-256 of the DER. Older workers do not tell. */
  fingerprint: optional(stringField),
  /** Since it was ready, in milliseconds. */
  uptimeMs: integer(0),
  /** It was told to leave, or has to. */
  leaving: booleanField,
};

const PROCESS = {
  pid: integer(1, MAX_PID),
  role: wordField("manager", "worker"),
  /** A worker's. */
  port: optional(integer(0, MAX_PORT)),
  /** As `status` has it. */
  state: stringField,
  /** Of one core: 100 is one core fully used. */
  cpuPercent: numberField(0),
  rssBytes: integer(0),
  /** Of a worker since it was ready, in milliseconds. */
  uptimeMs: integer(0),
};

const HANDLER = {
  /** Of messages. */
  type: integer(0, 0xffff),
  name: stringField,
  /** What a client must be allowed to do, each of it. */
  rights: textsField,
  sequence: booleanField,
  atOnce: booleanField,
  datagrams: booleanField,
  /** The file that it comes from; missing for those of msquicd. */
  module: optional(stringField),
  /** How long a request may take, in milliseconds; missing without a limit. */
  deadlineMs: optional(integer(1)),
  /** How many there may be at once; missing without a limit. */
  maxRequests: optional(integer(1)),
  /** How many there are; missing where they are not counted. */
  underWay: optional(integer(0)),
};

const HOOK = {
  name: stringField,
  /** Which of the hooks that there are. */
  asked: textsField,
  /** How long each may take, in milliseconds. */
  deadlineMs: integer(1),
  /** The file that they come from; missing for an action's, and where a program has defined them. */
  module: optional(stringField),
  /** The action that is run. */
  action: optional(stringField),
};

const PING = { params: nothing, answer: answer({ time: integer(0) }) };

/** What a manager can ask its worker, with how it is checked. */
const OF_MANAGERS = {
  /** Whether it answers; with its clock, in milliseconds since 1970. */
  ping: PING,
  /** What it is; it has to be ready. */
  identify: { params: nothing, answer: answer(IDENTITY) },
  /** What it serves; it has to be ready. */
  handlers: {
    params: nothing,
    answer: answer({ handlers: listField(HANDLER), hooks: listField(HOOK) }),
  },
  /** Who is connected, page by page, so that nobody waits long for all of them. */
  sessions: {
    params: params(SESSION_PAGE),
    answer: answer({
      sessions: listField(SESSION),
      /** There are more, behind this one. */
      next: optional(integer(1)),
      /** How many connections are in their handshake: of them nothing else is known. */
      handshaking: integer(0),
    }),
  },
  /** Ends a session, and tells its client why; answers what it was at, if there is one of that id. */
  kick: {
    params: params({ session: stringField, message: optional(stringField) }),
    answer: answer({
      session: optional(objectField(SESSION)),
      /** Its transfers that were under way. */
      transfers: listField(TRANSFER),
    }),
  },
  /** What is on its way, page by page. */
  transfers: {
    params: params(TRANSFER_PAGE),
    answer: answer({ transfers: listField(TRANSFER), next: optional(integer(1)) }),
  },
  /** Ends a transfer, and tells its client why; `cancelled` is false if it is gone, or as good as done. */
  cancel: {
    params: params({ transfer: stringField, message: optional(stringField) }),
    answer: answer({ cancelled: booleanField }),
  },
  /**
   * To let in whoever has one of these tokens, or its owner's, and nobody else, from now on; answers how many
   * sessions that has ended.
   */
  tokens: {
    params: params({ tokens: listField(TOKEN) }),
    answer: answer({ ended: integer(0) }),
  },
  /** How many bytes there may be in a second, of all clients and of those of single tokens; 0 for any number. */
  "limit-rates": {
    params: params({
      bytesPerSecond: integer(0),
      tokens: listField({ name: stringField, bytesPerSecond: integer(0) }),
    }),
    answer: nothing,
  },
  /** The same of one client; `limited` is false when there is none of that id. */
  "limit-session": {
    params: params({ session: stringField, bytesPerSecond: integer(0) }),
    answer: answer({ limited: booleanField }),
  },
  /** What it answers to a message, named or by its type, that a client could send. */
  message: {
    params: params({ message: stringField, body: mapField }),
    answer: answer({ answer: anyField }),
  },
  /** Presents this certificate to clients that connect from now on; answers with its fingerprint. */
  "use-certificate": {
    params: params({ certificateFile: stringField, privateKeyFile: stringField }),
    answer: answer({ fingerprint: stringField }),
  },
  /** Logs at this level from now on; answers with the one before. */
  "log-level": {
    params: params({ level: logLevelField }),
    answer: answer({ before: logLevelField }),
  },
};

/** What a worker can ask its manager, with how it is checked. */
const OF_WORKERS = {
  /** Whether it answers; with its clock, in milliseconds since 1970. */
  ping: PING,
  /** To let go of the worker's port, which it binds as soon as that is answered. */
  "let-go-of-port": { params: nothing, answer: nothing },
  /** Which processes the instance has, the manager first. */
  processes: { params: nothing, answer: answer({ processes: listField(PROCESS) }) },
};

type RequestsOf<Checks extends Record<string, { params: Check; answer: Check }>> = {
  [Name in keyof Checks]: {
    params: ReturnType<Checks[Name]["params"]>;
    answer: ReturnType<Checks[Name]["answer"]>;
  };
};

type Check = (value: unknown) => unknown;

/** A client of a worker, as the worker sees it. */
export type SessionSummary = Checked<typeof SESSION>;

/** A file on its way, as its worker sees it. */
export type TransferSummary = Checked<typeof TRANSFER>;

/** What serves a type of message in a worker. */
export type HandlerStatus = Checked<typeof HANDLER>;

/** What is asked before files are stored and removed. */
export type HookStatus = Checked<typeof HOOK>;

/** A process of an instance, as its manager sees it. */
export type FamilyMember = Checked<typeof PROCESS>;

/** What a worker is, for a manager that has not started it. */
export type WorkerIdentity = Checked<typeof IDENTITY>;

/** What a manager can ask its worker. */
export type ManagerRequests = RequestsOf<typeof OF_MANAGERS>;

/** What a worker can ask its manager. */
export type WorkerRequests = RequestsOf<typeof OF_WORKERS>;

export const MANAGER_REQUESTS: RequestChecks<ManagerRequests> = OF_MANAGERS;

export const WORKER_REQUESTS: RequestChecks<WorkerRequests> = OF_WORKERS;

function params<Checks extends FieldChecks>(checks: Checks) {
  const check = fieldsChecker(checks);
  return (value: unknown): Checked<Checks> => check(value, "params");
}

function answer<Checks extends FieldChecks>(checks: Checks) {
  const check = fieldsChecker(checks);
  return (value: unknown): Checked<Checks> => check(value, "answer");
}

function nothing(value: unknown): Nothing {
  fieldsOf(value, "what should be nothing", []);
  return {};
}
