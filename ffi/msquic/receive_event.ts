import type { ByteSlab } from "../memory/byte_slab.ts";
import { ReceiveFlags, Status, StreamEvent } from "./abi/mod.ts";
import { copyBuffers, viewBuffers } from "./quic_buffers.ts";
import type { ReceiveQueue } from "./receive_queue.ts";

/** Up to this size, copying what was received is cheaper than handing out MsQuic's memory. */
const COPY_LIMIT = 4096;

/** Copied bytes that may wait for the reader before MsQuic is made to hold data back. */
const OWNED_LIMIT = 64 * 1024;

/** Takes what a RECEIVE event brings into a queue. @returns What MsQuic is to be told. */
export function takeReceived(
  event: Deno.UnsafePointerView,
  queue: ReceiveQueue,
  slab: ByteSlab,
): number {
  const { TotalBufferLength, Buffers, BufferCount, Flags } = StreamEvent.RECEIVE;
  const total = event.getUint32(TotalBufferLength);
  const fin = (event.getUint32(Flags) & ReceiveFlags.FIN) !== 0;
  const lend = total > COPY_LIMIT || queue.ownedBytes > OWNED_LIMIT;
  if (total > 0) {
    const buffers = event.getPointer(Buffers);
    const count = event.getUint32(BufferCount);
    if (lend) queue.pushLent(viewBuffers(buffers, count));
    else {
      const copy = slab.take(total);
      copyBuffers(buffers, count, copy);
      queue.pushOwned(copy);
    }
  }
  if (fin) queue.end("fin");
  return total > 0 && lend ? Status.PENDING : Status.SUCCESS;
}
