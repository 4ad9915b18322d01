import { describeError } from "./describe_error.ts";
import { BatchError, type BatchFailure } from "./errors.ts";
import type { Output } from "./output.ts";

/** Failures that every further item would meet as well: they end the batch. */
const FATAL: ReadonlySet<string> = new Set([
  "interrupted",
  "connection-ended",
  "no-space",
  "output-failed",
  "reader-gone",
  "shutting-down",
  "unauthenticated",
]);

/** How many light items may be under way at once. */
const LIGHT_AT_ONCE = 64;

/** How {@linkcode forEachItem} goes about it. */
export interface ForEachOptions<Item, Result> {
  /** Whether an item takes so little that it may be done beside other such items; none by default. */
  isLight?: (item: Item) => boolean;
  /** Is told of what succeeded, in the order of the items. */
  onDone?: (result: Result) => void;
}

/** How an item went. */
type Outcome<Result> = { result: Result } | { error: unknown };

/**
 * Does the same for several named items: one after the other, or several light ones at once. An item that
 * fails is reported and does not keep the others from being done, unless they would all fail the same way.
 *
 * @returns The results, when all succeeded.
 * @throws The failure itself when there is one item only.
 * @throws {BatchError} One of several items failed.
 */
export async function forEachItem<Item extends { name: string }, Result>(
  items: readonly Item[],
  output: Output,
  run: (item: Item, index: number) => Promise<Result>,
  options: ForEachOptions<Item, Result> = {},
): Promise<Result[]> {
  const results: Result[] = [];
  const failures: BatchFailure[] = [];
  let deciding: BatchFailure | undefined;
  let over = false;
  for await (const [item, outcome] of outcomes(items, run, options)) {
    if ("result" in outcome) {
      results.push(outcome.result);
      options.onDone?.(outcome.result);
      continue;
    }
    if (items.length === 1) throw outcome.error;
    const failure = { name: item.name, ...output.describe(outcome.error) };
    failures.push(failure);
    if (over) continue; // said already, of the first
    over = FATAL.has(failure.code);
    if (over) deciding = failure;
    else output.note(failure.message);
    deciding ??= failure;
  }
  if (deciding !== undefined) throw new BatchError(deciding, failures, results, items.length);
  return results;
}

/** How each item went, in their order. When one has failed for all, no further one is begun. */
async function* outcomes<Item, Result>(
  items: readonly Item[],
  run: (item: Item, index: number) => Promise<Result>,
  { isLight = () => false }: ForEachOptions<Item, Result>,
): AsyncGenerator<[Item, Outcome<Result>]> {
  const pending: Promise<[Item, Outcome<Result>]>[] = [];
  let over = false;
  async function attempt(item: Item, index: number): Promise<[Item, Outcome<Result>]> {
    try {
      return [item, { result: await run(item, index) }];
    } catch (error) {
      over ||= FATAL.has(describeError(error).code);
      return [item, { error }];
    }
  }
  let atOnce = 1;
  for (const [index, item] of items.entries()) {
    const before = atOnce;
    atOnce = isLight(item) ? LIGHT_AT_ONCE : 1;
    for (const outcome of pending.splice(0, pending.length - Math.min(before, atOnce) + 1)) {
      yield await outcome;
    }
    if (over) break;
    pending.push(attempt(item, index));
  }
  for (const outcome of pending) yield await outcome;
}
