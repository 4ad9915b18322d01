import { CodedError } from "../../base/mod.ts";

/** A name that no instance can have. */
export class InvalidInstanceError extends CodedError {
  readonly code = "invalid-instance";

  /** @param instance The name that was given. */
  constructor(instance: string) {
    super(
      `Cannot use instance name "${instance}": it takes 1 to 32 of a-z, 0-9 and -, ` +
        `and begins with a letter or digit`,
    );
  }
}

/**
 * Checks a name that becomes part of names of files, pipes and shared memory.
 *
 * @returns The name.
 * @throws {InvalidInstanceError} If it is not safe for that.
 */
export function parseInstanceName(instance: string): string {
  // What is undefined would be the instance "undefined".
  if (typeof instance === "string" && /^[a-z0-9][a-z0-9-]{0,31}$/.test(instance)) return instance;
  throw new InvalidInstanceError(instance);
}
