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
  /** Whether it is in `status --json` without a column. */
  readonly inStatus?: true;
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
  taskThreads: { kind: "gauge", inStatus: true, help: "Threads for tasks" },
  tasksQueued: { kind: "gauge", inStatus: true, help: "Tasks that wait for a thread" },
  tasksRunning: { kind: "gauge", inStatus: true, help: "Tasks under way" },
  tasksDone: { kind: "counter", inStatus: true, help: "Tasks ever done" },
  tasksFailed: {
    kind: "counter",
    inStatus: true,
    help: "Tasks that failed, were not done in time or lost their thread",
  },
  taskWaitMicros: {
    kind: "counter",
    unit: "microseconds",
    help: "Time that tasks waited for a thread",
  },
  taskMicros: { kind: "counter", unit: "microseconds", help: "Time that tasks took in a thread" },
  overLimit: {
    kind: "counter",
    inStatus: true,
    help: "Requests and clients ever turned down since there were more than may be",
  },
  sessionsEndedByClient: { kind: "counter", help: "Sessions that the client has ended" },
  sessionsEndedByServer: { kind: "counter", help: "Sessions that the server has ended" },
  sessionsEndedByNetwork: {
    kind: "counter",
    help: "Sessions that were lost, or idle for too long",
  },
} as const satisfies Readonly<Record<string, CounterDefinition>>;

/** The name of a counter. */
export type CounterName = keyof typeof COUNTERS;

/** Their names, in their order. */
export const COUNTER_NAMES: readonly CounterName[] = Object.keys(COUNTERS) as CounterName[];

/** The name of a counter that `status` shows, in its table or with `--json`. */
export type ShownCounter = {
  [Name in CounterName]: (typeof COUNTERS)[Name] extends
    { column: CounterColumn } | { inStatus: true } ? Name : never;
}[CounterName];

/** Those that `status` shows, in their order. */
export const SHOWN_COUNTERS: readonly ShownCounter[] = COUNTER_NAMES.filter(isShown);

function isShown(name: CounterName): name is ShownCounter {
  return "column" in COUNTERS[name] || "inStatus" in COUNTERS[name];
}
