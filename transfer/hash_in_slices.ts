import type { Hash } from "node:crypto";
import { nextTurn } from "../ffi/msquic/events/next_turn.ts";

/** Bytes that are hashed at a time: some 0.2 ms. */
const SLICE_LENGTH = 256 * 1024;

/**
 * Hashes bytes, of which there may be many: what a slower disk has let pile up is a stream's whole window.
 * Between slices everybody else who waits for this thread gets a turn.
 */
export async function hashInSlices(hash: Hash, bytes: Uint8Array): Promise<void> {
  for (let begin = 0; begin < bytes.length; begin += SLICE_LENGTH) {
    if (begin > 0) await nextTurn();
    hash.update(bytes.subarray(begin, begin + SLICE_LENGTH));
  }
}
