/**
 * Upper bounds of what the turns of an event loop are sorted by, in milliseconds; one more class is for
 * those that took longer than the last. A turn that takes long delays every connection by as much.
 */
export const TURN_BOUNDS_MS = [0.1, 0.2, 0.5, 1, 2, 3, 4, 5, 10, 20, 50, 100, 500] as const;

/** A histogram of how long turns took: how many were in each class. */
export class TurnTimes {
  /** Turns up to each bound and above the one before; last, those above all. */
  readonly counts: Float64Array<ArrayBuffer> = new Float64Array(TURN_BOUNDS_MS.length + 1);

  record(ms: number): void {
    const found = TURN_BOUNDS_MS.findIndex((bound) => ms <= bound);
    const index = found < 0 ? TURN_BOUNDS_MS.length : found;
    this.counts[index] = (this.counts[index] ?? 0) + 1;
  }
}

/**
 * A bound that the given share of the turns, 0 to 1, did not exceed, in milliseconds: `Infinity` if it is
 * above all bounds, `null` if there was no turn.
 */
export function turnQuantile(counts: ArrayLike<number>, share: number): number | null {
  const all = Array.from(counts);
  const total = all.reduce((sum, count) => sum + count, 0);
  if (total === 0) return null;
  let seen = 0;
  const index = all.findIndex((count) => (seen += count) >= share * total);
  return TURN_BOUNDS_MS[index] ?? Infinity;
}
