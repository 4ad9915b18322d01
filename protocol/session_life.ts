import { ApplicationError } from "./application_errors.ts";

/**
 * Where a connection to a server stands, from the first to the last. `handshaking`: its TLS handshake goes
 * on. `authenticating`: the client has not said a valid hello. `active`: it is served. `draining`: it was
 * told to go elsewhere, and is served until it does. `closing`: it takes no more requests.
 */
export const CONNECTION_STATES = [
  "handshaking",
  "authenticating",
  "active",
  "draining",
  "closing",
] as const;

/** One of them. */
export type ConnectionState = typeof CONNECTION_STATES[number];

/** Where a session stands: there is none before the handshake is complete. */
export type SessionState = Exclude<ConnectionState, "handshaking">;

/** Who ends sessions: one of the two sides, or the network between them. */
export const SESSION_ENDERS = ["client", "server", "network"] as const;

/** One of them. */
export type SessionEnder = typeof SESSION_ENDERS[number];

/**
 * Why a session has ended, in the words of the log, of `session.closed` and of the farewell to a client;
 * each with what it means, and the code that a server then ends the connection with.
 */
export const SESSION_END_REASONS = {
  "closed": { means: "it was closed, as it is not needed any more" },
  "draining": {
    means: "the worker was about to leave, and nothing was under way any more",
    code: ApplicationError.shuttingDown,
  },
  "stopped": {
    means: "the worker has stopped, whatever was under way",
    code: ApplicationError.shuttingDown,
  },
  "kicked": {
    means: "the operator has ended it, with `msquicd kick`",
    code: ApplicationError.ended,
  },
  "revoked": {
    means: "what had let the client in does so no more",
    code: ApplicationError.revoked,
  },
  "unauthenticated": {
    means: "there was no hello with a valid token",
    code: ApplicationError.unauthenticated,
  },
  "crowded": {
    means: "too many clients said no hello, and it was the first of them",
    code: ApplicationError.refused,
  },
  "no-room": {
    means: "there were as many clients as there may be, or as many of its address",
    code: ApplicationError.refused,
  },
  "flooding": {
    means: "it sent far more requests than it may",
    code: ApplicationError.refused,
  },
  "failed": { means: "something went wrong in the server", code: ApplicationError.internal },
  "idle-timeout": { means: "nothing was heard of the client for the idle timeout" },
  "unreachable": { means: "nothing that was sent was acknowledged any more" },
  "transport-error": { means: "QUIC or TLS has failed" },
} as const satisfies Readonly<
  Record<string, { readonly means: string; readonly code?: ApplicationError }>
>;

/** One of them. */
export type SessionEndReason = keyof typeof SESSION_END_REASONS;

/** A reason for which a server ends a session by itself. */
export type ServerEndReason = {
  [Reason in SessionEndReason]: (typeof SESSION_END_REASONS)[Reason] extends
    { code: ApplicationError } ? Reason : never;
}[SessionEndReason];

/** Who has ended a session, and why. */
export interface SessionEnd {
  readonly by: SessionEnder;
  readonly reason: SessionEndReason;
}
