import { UsageError } from "../errors.ts";

/**
 * Refuses `-`, which elsewhere stands for standard input or output.
 *
 * @param reason Why, such as `Standard input is not supported yet`.
 * @throws {UsageError}
 */
export function refuseDash(paths: readonly string[], reason: string): void {
  if (!paths.includes("-")) return;
  throw new UsageError(`${reason}: use a file (one that is called - is ./- here)`);
}
