import { commandLine } from "../../base/mod.ts";
import { describeSystemError } from "./system_error.ts";
import { adviceFor } from "./advice.ts";
import type { TypeCommand } from "./typed_commands.ts";

/** What a user gets to see of an error. */
export interface ErrorDescription {
  /** Stable, kebab-case; see `exit_codes.ts`. */
  code: string;
  message: string;
  /** How many bytes there would have to be more of, where a server has too little room. */
  missingBytes?: number;
}

/** Codes of the operating system that have a counterpart of ours. */
const SYSTEM_CODES: Readonly<Record<string, string>> = {
  ENOENT: "not-found",
  ENOTDIR: "not-found",
  EISDIR: "not-a-file",
  EACCES: "permission-denied",
  EPERM: "permission-denied",
  EROFS: "permission-denied",
  EEXIST: "file-exists",
  ENOSPC: "no-space",
  EDQUOT: "no-space",
  EFBIG: "file-too-large",
  EBUSY: "file-in-use",
  EADDRINUSE: "port-in-use",
  ECONNREFUSED: "connection-refused",
  ETIMEDOUT: "timeout",
};

/** Names of errors that carry no code. */
const NAMED_CODES: Readonly<Record<string, string>> = {
  AbortError: "interrupted",
  TimeoutError: "timeout",
  NotFound: "not-found",
  PermissionDenied: "permission-denied",
  NotCapable: "permission-denied",
  AlreadyExists: "file-exists",
};

/**
 * Reduces anything thrown to a stable code and a sentence.
 *
 * @param type How commands are typed where that is read.
 * @param command The one that failed, as `put`.
 */
export function describeError(
  error: unknown,
  type: TypeCommand = commandLine,
  command = "",
): ErrorDescription {
  // Of two errors, the one that came first; the other came up while cleaning up after it.
  if (error instanceof SuppressedError) return describeError(error.suppressed, type, command);
  if (!(error instanceof Error)) return { code: "failed", message: String(error) };
  const message = error.message || error.name;
  const own = "code" in error && typeof error.code === "string" ? error.code : undefined;
  if (own !== undefined && /^[a-z][a-z0-9-]*$/.test(own)) {
    const advice = adviceFor(error, own, { type, command });
    const described = { code: own, message: advice ? `${message}; ${advice}` : message };
    const missing = "missingBytes" in error ? error.missingBytes : undefined;
    return typeof missing === "number" ? { ...described, missingBytes: missing } : described;
  }
  const code = (own && SYSTEM_CODES[own]) ?? NAMED_CODES[error.name] ?? "failed";
  return { code, message: describeSystemError(error) ?? message };
}
