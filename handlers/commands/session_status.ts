import { CodedError, commandLine } from "../../base/mod.ts";
import type { SessionState } from "../../protocol/session_life.ts";
import { type Schema, schemaOf, type Valibot } from "./schema.ts";
import type { TransferStatus } from "./transfer_status.ts";
import { transferStatus } from "./transfer_status.ts";

/** A client's session, as `sessions --json` prints it. */
export interface SessionStatus {
  /** 24 hexadecimal digits. */
  id: string;
  /** Of the worker that serves it. */
  port: number;
  /** The client's address and port. */
  peer: string;
  /** What kind of client it is: `owner`, `token`, … */
  kind: string;
  /** Who it is: the name of its token, for example. */
  identity: string;
  /** What the client calls itself; `null` if it does not. */
  agent: string | null;
  state: SessionState;
  /** Since the connection was accepted, in milliseconds. */
  ageMs: number;
  /** How long there has been no request under way, in milliseconds. */
  idleMs: number;
  /** Requests under way. */
  requests: number;
  /** Requests so far. */
  requestsTotal: number;
  /** Files on their way. */
  transfers: number;
  /** Bytes of requests and answers. */
  bytesIn: number;
  bytesOut: number;
  /** Smoothed round trip, in milliseconds; `null`, as what follows, when the connection is over. */
  rttMs: number | null;
  /** Of the packets that were sent, so many were lost, in percent. */
  lossPercent: number | null;
  /** In bytes. */
  congestionWindow: number | null;
}

/** What `sessions` answers. */
export interface SessionsResult {
  sessions: SessionStatus[];
  /** How many there are; more than are listed if there was a limit. */
  total: number;
  /** Connections that are in their handshake: nothing else is known of them. */
  handshaking: number;
  /** Ports of workers that have not answered, or not with all they have. */
  silent: number[];
}

/** Schema of {@linkcode SessionStatus}. */
const sessionStatus: Schema<SessionStatus> = schemaOf<SessionStatus>()((v) =>
  v.object({
    id: v.string(),
    port: v.number(),
    peer: v.string(),
    kind: v.string(),
    identity: v.string(),
    agent: v.nullable(v.string()),
    state: v.picklist(["authenticating", "active", "draining", "closing"]),
    ageMs: v.number(),
    idleMs: v.number(),
    requests: v.number(),
    requestsTotal: v.number(),
    transfers: v.number(),
    bytesIn: v.number(),
    bytesOut: v.number(),
    rttMs: v.nullable(v.number()),
    lossPercent: v.nullable(v.number()),
    congestionWindow: v.nullable(v.number()),
  })
);

/** Schema of {@linkcode SessionsResult}. */
export const sessionsResult: Schema<SessionsResult> = schemaOf<SessionsResult>()((v) =>
  v.object({
    sessions: v.array(sessionStatus(v)),
    total: v.number(),
    handshaking: v.number(),
    silent: v.array(v.number()),
  })
);

/** What `kick` answers: the session as it was, and what was under way in it. */
export interface KickResult {
  session: SessionStatus;
  transfers: TransferStatus[];
}

/** Schema of {@linkcode KickResult}. */
export const kickResult: Schema<KickResult> = schemaOf<KickResult>()((v: Valibot) =>
  v.object({ session: sessionStatus(v), transfers: v.array(transferStatus(v)) })
);

/** There is no session of that id. */
export class NoSessionError extends CodedError {
  readonly code = "no-session";

  constructor(id: string, instance: string) {
    const list = commandLine("sessions", instance);
    super(`There is no session whose id begins "${id}"; to list those that there are: ${list}`);
  }
}

/** An id, shortened, is that of several things. */
export class AmbiguousIdError extends CodedError {
  readonly code = "ambiguous-id";

  /** @param meant Those that it may be, in words. */
  constructor(id: string, meant: readonly string[]) {
    super(`"${id}" is the beginning of several ids; give more digits of one: ${meant.join("; ")}`);
  }
}
