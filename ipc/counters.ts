import { COUNTER_NAMES, type CounterName } from "../base/mod.ts";

/** What a worker has done, and how it is. */
export type Counters = Record<CounterName, number>;

/** Each counter's word in the block. */
const WORDS = Object.fromEntries(
  COUNTER_NAMES.map((name, word) => [name, word]),
) as Readonly<Counters>;

/** Bytes of memory that the counters take. */
export const COUNTER_BLOCK_BYTES = COUNTER_NAMES.length * Float64Array.BYTES_PER_ELEMENT;

/**
 * The counters in shared memory: one process writes, others read whenever they like.
 *
 * A counter is one aligned 64-bit store, so a reader sees a whole number, though counters may be of
 * slightly different moments.
 */
export class CounterBlock {
  readonly #words: Float64Array<ArrayBuffer>;

  constructor(buffer: ArrayBuffer, offset: number) {
    this.#words = new Float64Array(buffer, offset, COUNTER_NAMES.length);
  }

  /** Adds to a counter; `amount` may be negative for what goes up and down. */
  add(name: CounterName, amount: number): void {
    const word = WORDS[name];
    this.#words[word] = (this.#words[word] ?? 0) + amount;
  }

  /** Replaces a counter. */
  set(name: CounterName, value: number): void {
    this.#words[WORDS[name]] = value;
  }

  /**
   * All counters as they are now, or null when one of them is no count (negative, or not a finite
   * number): a sign that the block is not what it should be.
   */
  snapshot(): Counters | null {
    const counters = emptyCounters();
    for (const name of COUNTER_NAMES) {
      const value = this.#words[WORDS[name]] ?? 0;
      if (!Number.isFinite(value) || value < 0) return null;
      counters[name] = value;
    }
    return counters;
  }
}

const NONE = Object.fromEntries(COUNTER_NAMES.map((name) => [name, 0])) as Counters;

/** Counters of one who has done nothing. */
export function emptyCounters(): Counters {
  return { ...NONE };
}
