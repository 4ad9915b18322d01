import { CodedError, CodedErrorOf, systemReason } from "../../base/mod.ts";

/** A file or directory that must be for its owner alone is not, or belongs to someone else. */
export class NotPrivateError extends CodedError {
  readonly code = "permission-denied";
}

/** What kept a file or directory from being used; `unusable-state`: it is something else. */
type StateErrorCode = "permission-denied" | "no-space" | "unusable-state";

/** A file or directory that cannot be used, or made. */
export class StateError extends CodedErrorOf<StateErrorCode> {
  constructor(message: string, code: StateErrorCode = "unusable-state", options?: ErrorOptions) {
    super(code, message, options);
  }
}

const CODES: Readonly<Record<string, StateError["code"]>> = {
  EACCES: "permission-denied",
  EPERM: "permission-denied",
  EROFS: "permission-denied",
  ENOSPC: "no-space",
  EDQUOT: "no-space",
};

/**
 * What a refusal of the system stands for.
 *
 * @param what What was attempted: `write "/a/b"`.
 * @param cause What was thrown, or the system's code.
 * @param advice What to do about it.
 */
export function refusedBySystem(what: string, cause: unknown, advice: string): StateError {
  const name = cause instanceof Error && "code" in cause ? cause.code : cause;
  const code = CODES[String(name)];
  return new StateError(`Cannot ${what}: ${systemReason(cause)}; ${advice}`, code, { cause });
}
