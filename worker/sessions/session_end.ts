import { getLogger } from "@logtape/logtape";
import {
  ApplicationError,
  ProtocolError,
  type ServerEndReason,
  SESSION_END_REASONS,
  type SessionEnd,
  type SessionEndReason,
  type SessionState,
  WIRE_ERRORS,
} from "../../protocol/mod.ts";
import type { ConnectionOutcome } from "../transport.ts";

const logger = getLogger(["msquicd", "worker"]);

/** The counter of the sessions that each has ended. */
export const ENDED_BY = {
  client: "sessionsEndedByClient",
  server: "sessionsEndedByServer",
  network: "sessionsEndedByNetwork",
} as const;

/**
 * Who has ended a session, and why.
 *
 * @param outcome How its connection has ended.
 * @param wanted For which reason the server meant to end it, if it did.
 * @param told Whether the client had been told to go elsewhere.
 */
export function sessionEndOf(
  outcome: ConnectionOutcome | undefined,
  wanted: ServerEndReason | undefined,
  told: boolean,
): SessionEnd {
  // However that has come about: a client may go as soon as it hears of it.
  if (wanted !== undefined) return { by: "server", reason: wanted };
  switch (outcome?.by) {
    case "peer":
      return { by: "client", reason: told ? "draining" : "closed" };
    case "idle":
      return { by: "network", reason: "idle-timeout" };
    case "transport":
      return { by: "network", reason: outcome.unanswered ? "unreachable" : "transport-error" };
    default:
      // What ends a connection below the session: a path that carries nothing, or a failure.
      return outcome?.errorCode === ApplicationError.none
        ? { by: "network", reason: "unreachable" }
        : { by: "server", reason: "failed" };
  }
}

/**
 * What a client is told whose request is not served now.
 *
 * @param message What the operator has to say to one whose session is ended.
 */
export function refusalOf(
  state: SessionState,
  reason: ServerEndReason | undefined,
  message: string | undefined,
): ProtocolError {
  if (state === "authenticating") {
    return new ProtocolError("unauthenticated", WIRE_ERRORS.unauthenticated);
  }
  if (reason !== undefined && isForGood(reason)) {
    const why = message === undefined ? "" : `: ${message}`;
    return new ProtocolError("session-ended", `${WIRE_ERRORS["session-ended"]}${why}`);
  }
  return new ProtocolError(
    "shutting-down",
    "Server is shutting down; use another, or this one later",
  );
}

/** Whether there were more clients, or more of a client's requests, than may be. */
export function isOverLimit(reason: SessionEndReason): boolean {
  return codeOf(reason) === ApplicationError.refused;
}

/** Whether the client is not to come back by itself. */
function isForGood(reason: SessionEndReason): boolean {
  return codeOf(reason) === ApplicationError.ended;
}

function codeOf(reason: SessionEndReason): ApplicationError | undefined {
  const facts = SESSION_END_REASONS[reason];
  return "code" in facts ? facts.code : undefined;
}

/** Writes to the log that a session is over. */
export function logEnd(
  { id, peer }: { readonly id: string; readonly peer: string },
  { by, reason }: SessionEnd,
  message: string | undefined,
): void {
  const facts = { id, peer, by, reason };
  if (!isForGood(reason)) {
    return logger.debug("Session {id} of {peer} is over: {by}, {reason}", facts);
  }
  logger.info("Session {id} of {peer} is over: {by}, {reason}: {message}", {
    ...facts,
    message: message ?? "no reason was given",
  });
}
