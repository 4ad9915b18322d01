/** What several rounds come to. */
export interface Summary {
  median: number;
  min: number;
  max: number;
}

/**
 * Median and range.
 *
 * @throws {RangeError} There are no values.
 */
export function summarize(values: Iterable<number>): Summary {
  const sorted = Float64Array.from(values).sort();
  if (sorted.length === 0) throw new RangeError("Cannot summarize no values");
  return { median: medianOf(sorted), min: sorted[0]!, max: sorted.at(-1)! };
}

/** The value in the middle, or the mean of the two there. */
export function median(values: Iterable<number>): number {
  return summarize(values).median;
}

function medianOf(sorted: Float64Array): number {
  const middle = sorted.length >> 1;
  const upper = sorted[middle]!;
  return sorted.length % 2 === 1 ? upper : (sorted[middle - 1]! + upper) / 2;
}
