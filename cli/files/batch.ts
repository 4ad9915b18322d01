import { BatchError, type BatchFailure } from "../errors.ts";
import { printable } from "../text/format.ts";
import { Lookahead } from "./lookahead.ts";
import type { Output } from "../text/output.ts";
import { describeError } from "../text/describe_error.ts";

/** Failures that every further item would meet as well: they end the batch. */
const FATAL: ReadonlySet<string> = new Set([
  "interrupted",
  "connection-ended",
  "connect-failed",
  "no-space",
  "output-failed",
  "reader-gone",
  "shutting-down",
  "storage-unavailable",
  "unauthenticated",
]);

/** How many light items may be under way at once. */
const LIGHT_AT_ONCE = 64;

/** Which of how many items one is; the number of all is not known before they have all been found. */
export interface Place {
  /** From 0. */
  index: number;
  /** How many there are in all, where that is known. */
  count: number | undefined;
}

/** How {@linkcode forEachItem} goes about it. */
export interface ForEachOptions<Item, Result> {
  /** Whether an item takes so little that it may be done beside other such items; none by default. */
  isLight?: (item: Item) => boolean;
  /** Is told of what succeeded, in the order of the items. */
  onDone?: (result: Result) => void;
  /** Whether results and failures are kept, for who wants them in the end; they are by default. */
  keep?: boolean;
}

/** How an item went. */
type Outcome<Result> = { result: Result } | { error: unknown };

/**
 * Does the same for several named items: one after the other, or several light ones at once. An item that
 * fails is reported and does not keep the others from being done, unless they would all fail the same way.
 * Items may still be found meanwhile.
 *
 * @returns The results, when all succeeded.
 * @throws The failure itself when there is one item only.
 * @throws {BatchError} One of several items failed.
 */
export async function forEachItem<Item extends { name: string }, Result>(
  items: Iterable<Item> | AsyncIterable<Item>,
  output: Output,
  run: (item: Item, place: Place) => Promise<Result>,
  options: ForEachOptions<Item, Result> = {},
): Promise<Result[]> {
  const { onDone, keep = true } = options;
  const found = new Lookahead(items);
  const results: Result[] = [];
  const failures: BatchFailure[] = [];
  let [done, failed] = [0, 0];
  let deciding: BatchFailure | undefined;
  let over = false;
  for await (const [item, outcome] of outcomes(found, run, options)) {
    if ("result" in outcome) {
      done++;
      if (keep) results.push(outcome.result);
      onDone?.(outcome.result);
      continue;
    }
    if (found.complete && found.count === 1) throw outcome.error;
    failed++;
    const failure = { name: item.name, ...output.describe(outcome.error) };
    if (keep) failures.push(failure);
    if (over) continue; // said already, of the first
    over = FATAL.has(failure.code);
    if (over) deciding = failure;
    else output.note(printable(failure.message));
    deciding ??= failure;
  }
  if (deciding === undefined) return results;
  const count = found.complete ? found.count : undefined;
  throw new BatchError(deciding, failures, results, count, { done, failed });
}

/** How each item went, in their order. When one has failed for all, no further one is begun. */
async function* outcomes<Item, Result>(
  items: Lookahead<Item>,
  run: (item: Item, place: Place) => Promise<Result>,
  { isLight = () => false }: ForEachOptions<Item, Result>,
): AsyncGenerator<[Item, Outcome<Result>]> {
  const pending: Promise<[Item, Outcome<Result>]>[] = [];
  let over = false;
  async function attempt(item: Item, index: number): Promise<[Item, Outcome<Result>]> {
    try {
      const count = items.complete ? items.count : undefined;
      return [item, { result: await run(item, { index, count }) }];
    } catch (error) {
      over ||= FATAL.has(describeError(error).code);
      return [item, { error }];
    }
  }
  let atOnce = 1;
  let index = 0;
  for await (const item of items) {
    const before = atOnce;
    atOnce = isLight(item) ? LIGHT_AT_ONCE : 1;
    for (const outcome of pending.splice(0, pending.length - Math.min(before, atOnce) + 1)) {
      yield await outcome;
    }
    if (over) break;
    pending.push(attempt(item, index++));
  }
  for (const outcome of pending) yield await outcome;
}
