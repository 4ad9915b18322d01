import {
  toManagerRing,
  toManagerUrgentRing,
  toWorkerRing,
  toWorkerUrgentRing,
  URGENT_CAPACITY,
} from "./layout.ts";
import { isRingState } from "./ring.ts";
import { readHeader, type SegmentHeader } from "./segment_header.ts";

/**
 * Whether a segment is still what it was made as, and its rings can be used. Who only finds out when there
 * is something to say, may find out when it is too late.
 *
 * For the manager's thread: of the two counters of each ring it owns one, which stands still meanwhile.
 *
 * @param header As the segment was made with.
 */
export function isSound(buffer: ArrayBuffer, name: string, header: SegmentHeader): boolean {
  const { ringCapacity, generation } = header;
  try {
    const now = readHeader(buffer, name);
    if (now.generation !== generation || now.ringCapacity !== ringCapacity) return false;
  } catch {
    return false;
  }
  return isRingState(buffer, toWorkerUrgentRing(), URGENT_CAPACITY) &&
    isRingState(buffer, toManagerUrgentRing(), URGENT_CAPACITY) &&
    isRingState(buffer, toWorkerRing(), ringCapacity) &&
    isRingState(buffer, toManagerRing(ringCapacity), ringCapacity);
}
