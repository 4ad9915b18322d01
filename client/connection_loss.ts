import { formatDuration } from "../base/mod.ts";
import { type ConnectionEnd, ConnectionEndedError, StreamAbortedError } from "../ffi/mod.ts";
import { ApplicationError, RemoteError } from "../protocol/mod.ts";
import { accessEnded } from "./access_ended.ts";
import { NoServerError, SessionEndedError } from "./errors.ts";
import { isDismissal, type Link } from "./link.ts";
import { isDeparture } from "./request_losses.ts";

/** How a connection was lost, in words. */
export function lossOf({ server }: Link, end: ConnectionEnd): string {
  if (isDeparture(end)) return `Server ${server} has gone`;
  return `Connection to ${server} lost: ${end.message.replace(/^ended: /, "")}`;
}

/** @param spentMs How long it was looked for another one. */
export function inVain(
  { server }: Link,
  spentMs: number,
  failures: readonly Error[],
): NoServerError {
  const reasons = [...new Set(failures.map(({ message }) => message))].join("; ");
  return new NoServerError(
    `Connection to ${server} lost, and after ${formatDuration(spentMs)} of trying no server ` +
      `answers: ${reasons}`,
    failures,
  );
}

/**
 * Whether the server cannot have looked at an early request: it has not let the client in, or had not yet.
 * Where the connection was lost before that was known, it may have.
 */
export async function wasUnheard(error: unknown, link: Link): Promise<boolean> {
  try {
    await link.greeted;
  } catch (refusal) {
    return refusal instanceof RemoteError;
  }
  const { unauthenticated } = ApplicationError;
  return error instanceof RemoteError && error.code === "unauthenticated" ||
    error instanceof StreamAbortedError && error.errorCode === unauthenticated;
}

/** Whether the server has not taken the request, since it is going away. */
export function isRefusal(error: unknown): boolean {
  return error instanceof RemoteError && error.code === "shutting-down";
}

/** Whether a request failed because its connection did. */
export function isLoss(error: unknown, link: Link): boolean {
  return error instanceof ConnectionEndedError ||
    (error instanceof StreamAbortedError && link.over);
}

/** Whether a request failed as the server has ended the session for good. */
export async function wasDismissed(error: unknown, link: Link): Promise<boolean> {
  return isLoss(error, link) && isDismissal(await link.ended);
}

/** With which codes a server says that it does not want this client, so that there is no use in coming back. */
const FINAL: readonly number[] = [
  ApplicationError.unauthenticated,
  ApplicationError.protocol,
  ApplicationError.revoked,
  ApplicationError.ended,
];

export function isFinal({ by, errorCode }: ConnectionEnd): boolean {
  return by === "peer" && errorCode !== undefined && FINAL.includes(errorCode);
}

/** What becomes of requests when the connection is lost for good. */
export function finalLoss({ server, farewell }: Link, end: ConnectionEnd): Error {
  if (isDismissal(end)) return new SessionEndedError(farewell?.message);
  if (end.by === "peer" && end.errorCode === ApplicationError.revoked) return accessEnded(server);
  return new ConnectionEndedError(`Connection to ${server} ${end.message}`);
}
