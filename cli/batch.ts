import { describeError } from "./describe_error.ts";
import { BatchError, type BatchFailure } from "./errors.ts";
import type { Output } from "./output.ts";

/** Failures that every further item would meet as well: they end the batch. */
const FATAL: ReadonlySet<string> = new Set([
  "interrupted",
  "connection-ended",
  "no-space",
  "shutting-down",
  "unauthenticated",
]);

/**
 * Does the same for several named items, one after the other. An item that fails is reported and
 * does not keep the others from being done, unless they would all fail the same way.
 *
 * @returns The results, when all succeeded.
 * @throws The failure itself when there is one item only.
 * @throws {BatchError} One of several items failed.
 */
export async function forEachItem<Item extends { name: string }, Result>(
  items: readonly Item[],
  output: Output,
  run: (item: Item, index: number) => Promise<Result>,
): Promise<Result[]> {
  const results: Result[] = [];
  const failures: BatchFailure[] = [];
  let deciding: BatchFailure | undefined;
  for (const [index, item] of items.entries()) {
    try {
      results.push(await run(item, index));
    } catch (error) {
      if (items.length === 1) throw error;
      const failure = { name: item.name, ...describeError(error) };
      failures.push(failure);
      if (FATAL.has(failure.code)) {
        deciding = failure;
        break;
      }
      deciding ??= failure;
      output.note(failure.message);
    }
  }
  if (deciding !== undefined) throw new BatchError(deciding, failures, results, items.length);
  return results;
}
