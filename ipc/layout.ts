import { ringBytes } from "./ring.ts";

/** "MQD1" in the order of the bytes in memory: what a segment of ours begins with. */
export const MAGIC = 0x3144_514D;

/** Raised with every change of what follows; both ends must be of the same. */
export const LAYOUT_VERSION = 6;

/** Bytes each way, by default. */
export const DEFAULT_RING_CAPACITY = 64 * 1024;

/** Bytes each way for what overtakes everything else. */
export const URGENT_CAPACITY = 4096;

/** What different processes write lies in different cache lines. */
const LINE = 64;

/**
 * The segment's header: byte offsets. Words are 32 bits, start times of
 * processes 64-bit integers, counters 64-bit floats.
 *
 * | written by | what |
 * |---|---|
 * | manager, before the worker starts | `magic` … `keep`; the manager's own words again by one that takes over |
 * | worker, on opening | `workerPid`, `workerStartTime` |
 * | each its own, from then on | the heartbeats, the counters, how long its turns took |
 * | both | the doorbells (named by who waits for them), then the rings |
 */
export const Layout = {
  magic: 0,
  version: 4,
  generation: 8,
  ringCapacity: 12,
  managerPid: 16,
  /** How many managers there were before this one. */
  managerEpoch: 20,
  managerStartTime: 24,
  /** 1: the worker goes on without a manager, and waits for the next. */
  keep: 32,

  workerPid: LINE,
  workerStartTime: LINE + 8,

  managerHeartbeat: 2 * LINE,
  workerHeartbeat: 3 * LINE,
  workerPollHeartbeat: 4 * LINE,

  managerDoorbell: 5 * LINE,
  workerDoorbell: 6 * LINE,

  counters: 7 * LINE,
  turnTimes: 11 * LINE,

  rings: 13 * LINE,
} as const;

/** Bytes for the counters block; it may grow up to here without a new layout version. */
export const COUNTERS_BYTES = Layout.turnTimes - Layout.counters;

/** Bytes for the histogram of turns. */
export const TURN_TIMES_BYTES = Layout.rings - Layout.turnTimes;

/** Where the ring begins that the worker reads first. */
export function toWorkerUrgentRing(): number {
  return Layout.rings;
}

/** Where the ring begins that the manager reads first. */
export function toManagerUrgentRing(): number {
  return Layout.rings + ringBytes(URGENT_CAPACITY);
}

/** Where the ring that the worker reads begins. */
export function toWorkerRing(): number {
  return Layout.rings + 2 * ringBytes(URGENT_CAPACITY);
}

/** Where the ring that the manager reads begins. */
export function toManagerRing(ringCapacity: number): number {
  return toWorkerRing() + ringBytes(ringCapacity);
}

/** Bytes of a whole segment. */
export function segmentBytes(ringCapacity: number): number {
  return toWorkerRing() + 2 * ringBytes(ringCapacity);
}
