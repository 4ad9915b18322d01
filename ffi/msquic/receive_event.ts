import type { ByteSlab } from "../memory/byte_slab.ts";
import { ReceiveFlags, Status, StreamEvent } from "./abi/mod.ts";
import type { EventView } from "./event_view.ts";
import { copyBuffers, viewBuffers } from "./quic_buffers.ts";
import type { ReceiveQueue } from "./receive_queue.ts";

/** Up to this size, copying what was received is cheaper than handing out MsQuic's memory. */
const COPY_LIMIT = 4096;

/** Copied bytes that may wait for the reader before MsQuic is made to hold data back. */
const OWNED_LIMIT = 64 * 1024;

/** From here on, in bytes, a stream is long: what comes on it is more than an answer, or a request. */
const LONG = 64n * 1024n;

const { AbsoluteOffset, TotalBufferLength, Buffers, BufferCount, Flags } = StreamEvent.RECEIVE;

/** Where all that a peer sends on a stream is looked at. */
const whole = new Uint8Array(COPY_LIMIT);

/** Takes what a RECEIVE event brings into a queue. @returns What MsQuic is to be told. */
export function takeReceived(event: EventView, queue: ReceiveQueue, slab: ByteSlab): number {
  const total = event.getUint32(TotalBufferLength);
  const lend = total > COPY_LIMIT || queue.ownedBytes > OWNED_LIMIT;
  if (total > 0) {
    const buffers = event.getBigUint64(Buffers);
    const count = event.getUint32(BufferCount);
    if (lend) queue.pushLent(viewBuffers(buffers, count));
    else {
      const copy = slab.take(total);
      copyBuffers(buffers, count, copy);
      queue.pushOwned(copy);
    }
  }
  if (isLast(event)) queue.end("fin");
  return total > 0 && lend ? Status.PENDING : Status.SUCCESS;
}

/**
 * What a RECEIVE event brings, if that is all that the peer sends on the stream, and it is little.
 *
 * @returns A copy that is valid until the next call.
 */
export function copyWhole(event: EventView): Uint8Array | undefined {
  const total = event.getUint32(TotalBufferLength);
  if (!isLast(event) || total === 0 || total > COPY_LIMIT) return undefined;
  if (event.getBigUint64(AbsoluteOffset) !== 0n) return undefined;
  const copy = whole.subarray(0, total);
  copyBuffers(event.getBigUint64(Buffers), event.getUint32(BufferCount), copy);
  return copy;
}

/** Whether much has come on its stream before. */
export function isLong(event: EventView): boolean {
  return event.getBigUint64(AbsoluteOffset) >= LONG;
}

function isLast(event: EventView): boolean {
  return (event.getUint32(Flags) & ReceiveFlags.FIN) !== 0;
}
