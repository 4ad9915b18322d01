import { ConnectError, ConnectionEndedError } from "../ffi/mod.ts";
import { RemoteError } from "../protocol/mod.ts";
import { ConnectTimeoutError, NameResolutionError, NoServerError } from "./errors.ts";

const UNREACHABLE_CODES: ReadonlySet<string> = new Set([
  "alpn-mismatch",
  "connect-failed",
  "connect-timeout",
  "connection-refused",
  "unreachable",
]);

/**
 * Whether another server may do better, or the same one later. One that refuses the token, or is not the
 * one that is trusted, does so again.
 */
export function isUnreachable(error: unknown): error is Error {
  if (error instanceof ConnectError) return UNREACHABLE_CODES.has(error.code);
  if (error instanceof RemoteError) {
    return error.code === "shutting-down" || isCrowded(error);
  }
  // It went away before it had answered.
  if (error instanceof ConnectionEndedError) return true;
  return error instanceof ConnectTimeoutError || error instanceof NameResolutionError ||
    error instanceof NoServerError;
}

/** Whether a server has no room for the client at the moment. */
function isCrowded({ code }: RemoteError): boolean {
  return code === "server-full" || code === "limit-reached";
}

/**
 * After how many milliseconds servers want to be asked again: the one that says the least; 0 where one of
 * them says nothing.
 */
export function retryAfterMs(failures: readonly unknown[]): number {
  const waits = failures.map((failure) => {
    if (failure instanceof NoServerError) return retryAfterMs(failure.cause);
    return failure instanceof RemoteError ? failure.retryAfterMs ?? 0 : 0;
  });
  return waits.length === 0 ? 0 : Math.min(...waits);
}

/**
 * The error of several attempts that have all failed: one that says more than that nobody is there, or
 * what they have in common, or all of them.
 */
export function unreached(failures: readonly Error[]): Error {
  const telling = failures.find((failure) => !isUnreachable(failure));
  if (telling !== undefined) return telling;
  const [first] = failures;
  const reasons = new Set(failures.map((failure) => failure.message));
  if (first !== undefined && reasons.size === 1) return first;
  return new NoServerError(`No server answers: ${grouped([...reasons]).join("; ")}`, failures);
}

/** Messages, those in one that differ only in the server: each reason comes with advice. */
function grouped(messages: readonly string[]): string[] {
  const servers = new Map<string, string[]>();
  const others: string[] = [];
  for (const message of messages) {
    const [, server, reason] = /^Cannot connect to (\S+): (.+)$/s.exec(message) ?? [];
    if (server === undefined || reason === undefined) others.push(message);
    else servers.set(reason, [...servers.get(reason) ?? [], server]);
  }
  const known = Array.from(
    servers,
    ([reason, names]) => `Cannot connect to ${names.join(" and ")}: ${reason}`,
  );
  return [...known, ...others];
}

/** What was thrown, as an error. */
export function toError(thrown: unknown): Error {
  return thrown instanceof Error ? thrown : new Error(String(thrown));
}
