/**
 * What a worker has done, and how it is. `sessions`, `transfers` and `rssBytes` go up and down, the
 * others only grow.
 */
export interface Counters {
  /** Connections that are open. */
  sessions: number;
  /** Connections ever opened. */
  sessionsTotal: number;
  /** File transfers under way. */
  transfers: number;
  /** File transfers ever begun. */
  transfersTotal: number;
  /** Requests ever answered. */
  requests: number;
  /** Requests ever answered with an error. */
  errors: number;
  /** Bytes received from clients. */
  bytesIn: number;
  /** Bytes sent to clients. */
  bytesOut: number;
  /** Resident memory, bytes. */
  rssBytes: number;
  /** Processor time used, microseconds. */
  cpuMicros: number;
}

export type CounterField = keyof Counters;

/** Each field's word in the block. */
const WORDS = {
  sessions: 0,
  sessionsTotal: 1,
  transfers: 2,
  transfersTotal: 3,
  requests: 4,
  errors: 5,
  bytesIn: 6,
  bytesOut: 7,
  rssBytes: 8,
  cpuMicros: 9,
} as const satisfies Record<CounterField, number>;

const FIELDS = Object.keys(WORDS) as CounterField[];

/** Bytes of memory that the counters take. */
export const COUNTER_BLOCK_BYTES = FIELDS.length * Float64Array.BYTES_PER_ELEMENT;

/**
 * The counters in shared memory: one process writes, others read whenever they like.
 *
 * A field is one aligned 64-bit store, so a reader sees a whole number, though fields may be of
 * slightly different moments.
 */
export class CounterBlock {
  readonly #words: Float64Array<ArrayBuffer>;

  constructor(buffer: ArrayBuffer, offset: number) {
    this.#words = new Float64Array(buffer, offset, FIELDS.length);
  }

  /** Adds to a field; `amount` may be negative for what goes up and down. */
  add(field: CounterField, amount: number): void {
    const word = WORDS[field];
    this.#words[word] = (this.#words[word] ?? 0) + amount;
  }

  /** Replaces a field. */
  set(field: CounterField, value: number): void {
    this.#words[WORDS[field]] = value;
  }

  /**
   * All fields as they are now, or null when one of them is no count (negative, or not a finite
   * number): a sign that the block is not what it should be.
   */
  snapshot(): Counters | null {
    const counters = emptyCounters();
    for (const field of FIELDS) {
      const value = this.#words[WORDS[field]] ?? 0;
      if (!Number.isFinite(value) || value < 0) return null;
      counters[field] = value;
    }
    return counters;
  }
}

/** Counters of one who has done nothing. */
export function emptyCounters(): Counters {
  return {
    sessions: 0,
    sessionsTotal: 0,
    transfers: 0,
    transfersTotal: 0,
    requests: 0,
    errors: 0,
    bytesIn: 0,
    bytesOut: 0,
    rssBytes: 0,
    cpuMicros: 0,
  };
}
