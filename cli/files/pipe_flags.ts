import { UsageError } from "../errors.ts";

/**
 * Refuses flags that say something of files only, where a pipe takes part.
 *
 * @param path What stands for it.
 * @param given Those flags, and whether each was given.
 * @throws {UsageError} One was.
 */
export function refuseWithPipe(path: string, given: Readonly<Record<string, boolean>>): void {
  const flag = Object.keys(given).find((flag) => given[flag]);
  if (flag === undefined) return;
  throw new UsageError(
    `${flag} does not go with "${path}", which takes or gives bytes one after the other: leave it out`,
  );
}
