import { median } from "../statistics.ts";

/** Whether a value still grows. */
export interface Levelling {
  /** The median of the third quarter of the time, and of the last. */
  before: number;
  after: number;
  levels: boolean;
}

/** What a process may still grow from the third quarter of the time to the last: what noise makes of it. */
const TOLERANCE = { share: 0.05, bytes: 4_000_000 } as const;

/**
 * Tells whether memory levels off: the second half of the time counts, as it grows until caches and
 * compiled code are warm.
 *
 * @param bytes Samples at equal distances in time.
 * @throws {RangeError} There are fewer than eight.
 */
export function levelOff(bytes: readonly number[]): Levelling {
  if (bytes.length < 8) throw new RangeError(`Cannot judge by ${bytes.length} samples`);
  const half = bytes.slice(Math.floor(bytes.length / 2));
  const middle = Math.floor(half.length / 2);
  const before = median(half.slice(0, middle));
  const after = median(half.slice(middle));
  const tolerance = Math.max(before * TOLERANCE.share, TOLERANCE.bytes);
  return { before, after, levels: after - before <= tolerance };
}
