/** A number that a worker keeps of what it does, or of how it is. */
export interface CounterDefinition {
  /** A counter only grows while its worker lives; a gauge goes up and down. */
  readonly kind: "counter" | "gauge";
  /** What is counted, where that is not things. */
  readonly unit?: "bytes" | "microseconds";
  /** What it says. */
  readonly help: string;
  /** Its column in the table of `status`. What has one is in `status --json` as well. */
  readonly column?: CounterColumn;
}

/** Where a table shows a counter. */
export interface CounterColumn {
  readonly heading: string;
  /** Where there is no room for all columns: the lower, the longer it is shown. */
  readonly rank: number;
}

/**
 * All counters of a worker, by name: the one place where one is defined. Each has one word of the shared
 * memory, in this order, so that a new one comes last.
 */
export const COUNTERS = {
  sessions: {
    kind: "gauge",
    help: "Connections that are open",
    column: { heading: "SESSIONS", rank: 3 },
  },
  sessionsTotal: { kind: "counter", help: "Connections ever opened" },
  transfers: {
    kind: "gauge",
    help: "File transfers under way",
    column: { heading: "TRANSFERS", rank: 9 },
  },
  transfersTotal: { kind: "counter", help: "File transfers ever begun" },
  requests: { kind: "counter", help: "Requests ever answered" },
  errors: { kind: "counter", help: "Requests ever answered with an error" },
  bytesIn: {
    kind: "counter",
    unit: "bytes",
    help: "Bytes received from clients",
    column: { heading: "IN", rank: 6 },
  },
  bytesOut: {
    kind: "counter",
    unit: "bytes",
    help: "Bytes sent to clients",
    column: { heading: "OUT", rank: 7 },
  },
  rssBytes: {
    kind: "gauge",
    unit: "bytes",
    help: "Resident memory",
    column: { heading: "MEMORY", rank: 4 },
  },
  cpuMicros: { kind: "counter", unit: "microseconds", help: "Processor time used" },
  lastOwnType: {
    kind: "gauge",
    help: "Message type of the last request that a handler of one's own began with; 0 for none",
  },
} as const satisfies Readonly<Record<string, CounterDefinition>>;

/** The name of a counter. */
export type CounterName = keyof typeof COUNTERS;

/** Their names, in their order. */
export const COUNTER_NAMES: readonly CounterName[] = Object.keys(COUNTERS) as CounterName[];

/** The name of a counter that `status` shows. */
export type ShownCounter = {
  [Name in CounterName]: (typeof COUNTERS)[Name] extends { column: CounterColumn } ? Name : never;
}[CounterName];

/** Those that `status` shows, in their order. */
export const SHOWN_COUNTERS: readonly ShownCounter[] = COUNTER_NAMES.filter(isShown);

function isShown(name: CounterName): name is ShownCounter {
  return "column" in COUNTERS[name];
}
