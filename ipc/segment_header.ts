import { SegmentCorruptError } from "./errors.ts";
import { Layout, LAYOUT_VERSION, MAGIC, segmentBytes } from "./layout.ts";
import { isRingCapacity, RING_CAPACITY } from "./ring.ts";

/** What the manager writes once, before the worker starts. */
export interface SegmentHeader {
  readonly generation: number;
  readonly managerPid: number;
  /** Bytes each way. */
  readonly ringCapacity: number;
}

/** Writes the header; the magic word last, as the sign that the rest is there. */
export function writeHeader(buffer: ArrayBuffer, header: SegmentHeader): void {
  const words = new Uint32Array(buffer, 0, Layout.rings / Uint32Array.BYTES_PER_ELEMENT);
  store(words, Layout.version, LAYOUT_VERSION);
  store(words, Layout.generation, header.generation);
  store(words, Layout.ringCapacity, header.ringCapacity);
  store(words, Layout.managerPid, header.managerPid);
  store(words, Layout.magic, MAGIC);
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
    managerPid: load(words, Layout.managerPid),
    ringCapacity,
  };
}

function load(words: Uint32Array<ArrayBuffer>, offset: number): number {
  return Atomics.load(words, offset / Uint32Array.BYTES_PER_ELEMENT);
}

function store(words: Uint32Array<ArrayBuffer>, offset: number, value: number): void {
  Atomics.store(words, offset / Uint32Array.BYTES_PER_ELEMENT, value);
}

function corrupt(name: string, reason: string): SegmentCorruptError {
  return new SegmentCorruptError(`Cannot open segment "${name}": ${reason}`);
}
