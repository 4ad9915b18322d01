import type { ProcessIdentity } from "../base/mod.ts";
import { SegmentCorruptError } from "./errors.ts";
import { Layout, LAYOUT_VERSION, MAGIC, segmentBytes } from "./layout.ts";
import { isRingCapacity, RING_CAPACITY } from "./ring.ts";

/** What the manager writes, before the worker starts. */
export interface SegmentHeader {
  readonly generation: number;
  readonly manager: ProcessIdentity;
  /** The worker goes on without a manager, and waits for the next. */
  readonly keep: boolean;
  /** Bytes each way. */
  readonly ringCapacity: number;
}

/** Writes the header; the magic word last, as the sign that the rest is there. */
export function writeHeader(buffer: ArrayBuffer, header: SegmentHeader): void {
  const words = new Uint32Array(buffer, 0, Layout.rings / Uint32Array.BYTES_PER_ELEMENT);
  store(words, Layout.version, LAYOUT_VERSION);
  store(words, Layout.generation, header.generation);
  store(words, Layout.ringCapacity, header.ringCapacity);
  store(words, Layout.keep, header.keep ? 1 : 0);
  writeManager(buffer, header.manager);
  store(words, Layout.magic, MAGIC);
}

/** Says who the manager is, from now on. */
export function writeManager(buffer: ArrayBuffer, manager: ProcessIdentity): void {
  writeIdentity(buffer, Layout.managerPid, Layout.managerStartTime, manager);
}

/** Who the manager is at the moment. */
export function readManager(buffer: ArrayBuffer): ProcessIdentity {
  return readIdentity(buffer, Layout.managerPid, Layout.managerStartTime);
}

/** Says who the worker is. */
export function writeWorker(buffer: ArrayBuffer, worker: ProcessIdentity): void {
  writeIdentity(buffer, Layout.workerPid, Layout.workerStartTime, worker);
}

/** Who the worker is; of process id 0 before it has opened the segment. */
export function readWorker(buffer: ArrayBuffer): ProcessIdentity {
  return readIdentity(buffer, Layout.workerPid, Layout.workerStartTime);
}

/** Begins the next manager's time; returns how many there were before. */
export function nextEpoch(buffer: ArrayBuffer): number {
  return (Atomics.add(new Uint32Array(buffer, Layout.managerEpoch, 1), 0, 1) + 1) >>> 0;
}

/**
 * Reads the header and checks that the segment is one, and whole.
 *
 * @throws {SegmentCorruptError} when it is not.
 */
export function readHeader(buffer: ArrayBuffer, name: string): SegmentHeader {
  const length = buffer.byteLength;
  if (length < Layout.rings) {
    throw corrupt(name, `it has ${length} bytes, and its header alone needs ${Layout.rings}`);
  }
  const words = new Uint32Array(buffer, 0, Layout.rings / Uint32Array.BYTES_PER_ELEMENT);
  if (load(words, Layout.magic) !== MAGIC) {
    throw corrupt(name, "it does not begin as a segment of msquicd does");
  }
  const version = load(words, Layout.version);
  if (version !== LAYOUT_VERSION) {
    throw corrupt(
      name,
      `its layout is version ${version}, this program's is ${LAYOUT_VERSION}; ` +
        "manager and worker must be the same program",
    );
  }
  const ringCapacity = load(words, Layout.ringCapacity);
  if (!isRingCapacity(ringCapacity)) {
    const { min, max } = RING_CAPACITY;
    throw corrupt(name, `a ring of ${ringCapacity} bytes is no power of two from ${min} to ${max}`);
  }
  const needed = segmentBytes(ringCapacity);
  if (length < needed) {
    throw corrupt(name, `it has ${length} bytes of ${needed}: it is cut short`);
  }
  return {
    generation: load(words, Layout.generation),
    manager: readManager(buffer),
    keep: load(words, Layout.keep) === 1,
    ringCapacity,
  };
}

function load(words: Uint32Array<ArrayBuffer>, offset: number): number {
  return Atomics.load(words, offset / Uint32Array.BYTES_PER_ELEMENT);
}

function store(words: Uint32Array<ArrayBuffer>, offset: number, value: number): void {
  Atomics.store(words, offset / Uint32Array.BYTES_PER_ELEMENT, value);
}

// Whoever looks in between finds a process of unknown start time, not half of each.
function writeIdentity(
  buffer: ArrayBuffer,
  pidOffset: number,
  timeOffset: number,
  { pid, startTime }: ProcessIdentity,
): void {
  const time = new BigInt64Array(buffer, timeOffset, 1);
  Atomics.store(time, 0, 0n);
  Atomics.store(new Int32Array(buffer, pidOffset, 1), 0, pid);
  Atomics.store(time, 0, startTime);
}

function readIdentity(buffer: ArrayBuffer, pidOffset: number, timeOffset: number): ProcessIdentity {
  const pid = Atomics.load(new Int32Array(buffer, pidOffset, 1), 0);
  return { pid, startTime: Atomics.load(new BigInt64Array(buffer, timeOffset, 1), 0) };
}

function corrupt(name: string, reason: string): SegmentCorruptError {
  return new SegmentCorruptError(`Cannot open segment "${name}": ${reason}`);
}
