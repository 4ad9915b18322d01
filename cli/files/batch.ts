import { delay, inOrder } from "../../base/mod.ts";
import { BatchError, type BatchFailure } from "../errors.ts";
import { printable } from "../text/format.ts";
import { Lookahead } from "./lookahead.ts";
import type { Output } from "../text/output.ts";
import { describeError } from "../text/describe_error.ts";

/** Failures that every further item would meet as well: they end the batch. */
const FATAL: ReadonlySet<string> = new Set([
  "interrupted",
  "no-space",
  "quota-exceeded",
  "output-failed",
  "reader-gone",
  "storage-unavailable",
  // There is no connection, and there will be none: nobody is there, ...
  "connection-ended",
  "connect-failed",
  "connect-timeout",
  "connection-refused",
  "alpn-mismatch",
  "unreachable",
  "name-not-resolved",
  "shutting-down",
  // ... or it is not the server that is trusted, ...
  "wrong-fingerprint",
  "bad-certificate",
  // ... or the server lets the client in no more.
  "unauthenticated",
  "wrong-token",
  "too-many-attempts",
  "session-ended",
  "server-full",
  "limit-reached",
]);

/** Whether a failure is one that everything further would meet as well. */
export function isFatal(error: unknown): boolean {
  return FATAL.has(describeError(error).code);
}

/** How many light items may be under way at once. */
const LIGHT_AT_ONCE = 64;

/** How many failures are told of in one go. */
const FAILURES_AT_ONCE = 256;

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
  /**
   * Does light items that come one behind the other, together; by default, some are done side by side. What
   * it throws ends the batch.
   */
  runLight?: (items: AsyncIterable<Item>) => AsyncIterable<{ file: Item } & Outcome<Result>>;
  /** Is told of what succeeded, in the order of the items. */
  onDone?: (result: Result) => void;
  /** Whether results and failures are kept for `--json`, which alone prints them; by default with that. */
  keep?: boolean;
}

/** How an item went. */
export type Outcome<Result> = { result: Result } | { error: unknown };

/**
 * Does the same for several named items: one after the other, or several light ones at once. An item that
 * fails is reported and does not keep the others from being done, unless they would all fail the same way.
 * Items may still be found meanwhile.
 *
 * @returns The results that are kept, when all succeeded.
 * @throws The failure itself when there is one item only.
 * @throws {BatchError} One of several items failed.
 */
export async function forEachItem<Item extends { name: string }, Result>(
  items: Iterable<Item> | AsyncIterable<Item>,
  output: Output,
  run: (item: Item, place: Place) => Promise<Result>,
  options: ForEachOptions<Item, Result> = {},
): Promise<Result[]> {
  const { onDone, keep = output.json } = options;
  const found = new Lookahead(items);
  const results: Result[] = [];
  const failures: BatchFailure[] = [];
  let [done, failed] = [0, 0];
  let deciding: BatchFailure | undefined;
  let ended: { error: unknown } | undefined;
  let over = false;
  for await (const each of outcomes(found, run, options)) {
    if ("error" in each) {
      if (done + failed === 0) throw each.error;
      ended = each;
      break;
    }
    const { item, outcome } = each;
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
    // Standard error loses what it is not given the time to take.
    if (failed % FAILURES_AT_ONCE === 0) await delay(0);
    if (over) deciding = failure;
    else output.note(printable(failure.message));
    deciding ??= failure;
  }
  const decides = ended === undefined ? deciding : output.describe(ended.error);
  if (decides === undefined) return results;
  const count = found.complete ? found.count : undefined;
  throw new BatchError(decides, failures, results, count, { done, failed }, ended?.error);
}

/**
 * How each item went, in their order. When one has failed for all, no further one is begun. What else ends them
 * all, such as that no more are found, comes last, by itself.
 */
async function* outcomes<Item, Result>(
  items: Lookahead<Item>,
  run: (item: Item, place: Place) => Promise<Result>,
  { isLight = () => false, runLight }: ForEachOptions<Item, Result>,
): AsyncGenerator<{ item: Item; outcome: Outcome<Result> } | { error: unknown }> {
  const source = items[Symbol.asyncIterator]();
  let over = false;
  let index = 0;
  let next = await source.next();
  async function attempt(item: Item, index: number): Promise<{ file: Item } & Outcome<Result>> {
    try {
      const count = items.complete ? items.count : undefined;
      return { file: item, result: await run(item, { index, count }) };
    } catch (error) {
      over ||= isFatal(error);
      return { file: item, error };
    }
  }
  /** Those that come next and are as light as the first one is. */
  async function* alike(light: boolean): AsyncGenerator<Item> {
    while (!over && !next.done && isLight(next.value) === light) {
      index++;
      yield next.value;
      next = await source.next();
    }
  }
  const sideBySide = (most: number) => (items: AsyncIterable<Item>) =>
    inOrder(items, most, (item) => attempt(item, index - 1));
  while (!over && !next.done) {
    const light = isLight(next.value);
    const runAll = light ? runLight ?? sideBySide(LIGHT_AT_ONCE) : sideBySide(1);
    const first = next.value;
    const before = index;
    try {
      for await (const { file, ...outcome } of runAll(alike(light))) {
        if ("error" in outcome) over ||= isFatal(outcome.error);
        yield { item: file, outcome };
      }
    } catch (error) {
      const isTold = over; // of those that were under way
      over = true;
      if (index === before) yield { item: first, outcome: { error } };
      else if (!isTold) yield { error };
    }
  }
}
