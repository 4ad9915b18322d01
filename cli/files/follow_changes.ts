import type { CliContext } from "../context.ts";
import { isFatal } from "./batch.ts";
import type { Changes } from "./changes.ts";
import { BatchError } from "../errors.ts";
import type { Notes } from "./copying.ts";
import type { Watch } from "./watch_directory.ts";

/**
 * Has all copied, and then what changes, until that is interrupted.
 *
 * @param copy Copies what has changed, or the first time everything; what it returns is printed with `--json`.
 */
export async function followChanges(
  { output }: CliContext,
  notes: Notes,
  watch: Watch,
  signal: AbortSignal,
  copy: (changes: Changes, isFirst: boolean) => Promise<unknown[]>,
): Promise<never> {
  let isFirst = true;
  for (let changes: Changes = { names: undefined };; changes = await watch.next(signal)) {
    try {
      const results = await copy(changes, isFirst);
      if (isFirst || results.length > 0) output.result(results);
    } catch (error) {
      signal.throwIfAborted();
      // What fails for one file may not the next time. What is wrong from the start, or for all, ends it.
      const ofItems = error instanceof BatchError && error.cause === undefined;
      const isWrong = isFirst && !ofItems;
      if (isWrong || isFatal(error)) throw error;
      notes.note(`${output.describe(error).message}; watching on`);
    }
    isFirst = false;
  }
}

/**
 * Copies what has changed, and removes what is gone, which is not told a second time: so a file that cannot be
 * copied keeps nothing from being removed.
 *
 * @returns What became of both.
 */
export async function copyThenRemove(
  copy: () => Promise<unknown[]>,
  remove: () => Promise<unknown[]>,
): Promise<unknown[]> {
  let failure: { error: unknown } | undefined;
  const copied = await copy().catch((error): unknown[] => {
    if (isFatal(error)) throw error;
    failure = { error };
    return [];
  });
  const removed = await remove();
  if (failure !== undefined) throw failure.error;
  return [...copied, ...removed];
}
