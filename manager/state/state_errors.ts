import { systemReason } from "../../base/mod.ts";

/** A file or directory that must be for its owner alone is not, or belongs to someone else. */
export class NotPrivateError extends Error {
  override readonly name = "NotPrivateError";
  readonly code = "permission-denied";
}

/** A file or directory that cannot be used, or made. */
export class StateError extends Error {
  override readonly name = "StateError";
  /** `unusable-state` where something else is there than should be. */
  readonly code: "permission-denied" | "no-space" | "unusable-state";

  constructor(
    message: string,
    code: StateError["code"] = "unusable-state",
    options?: ErrorOptions,
  ) {
    super(message, options);
    this.code = code;
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
