import { Buffer as BufferLayout } from "./abi/mod.ts";

/** Views of the memory of an array of `QUIC_BUFFER`s. */
export function viewBuffers(buffers: Deno.PointerValue, count: number): Uint8Array[] {
  const views: Uint8Array[] = [];
  forEachBuffer(buffers, count, (memory, length) => {
    views.push(new Uint8Array(Deno.UnsafePointerView.getArrayBuffer(memory, length)));
  });
  return views;
}

/** Copies the memory of an array of `QUIC_BUFFER`s, one piece behind the other. */
export function copyBuffers(
  buffers: Deno.PointerValue,
  count: number,
  copy: Uint8Array<ArrayBuffer>,
): void {
  let filled = 0;
  forEachBuffer(buffers, count, (memory, length) => {
    Deno.UnsafePointerView.copyInto(memory, copy.subarray(filled, filled += length));
  });
}

function forEachBuffer(
  buffers: Deno.PointerValue,
  count: number,
  visit: (memory: Deno.PointerObject, length: number) => void,
): void {
  if (buffers === null) return;
  const view = new Deno.UnsafePointerView(buffers);
  for (let i = 0; i < count; i++) {
    const offset = i * BufferLayout.size;
    const length = view.getUint32(offset + BufferLayout.Length);
    const memory = view.getPointer(offset + BufferLayout.Buffer);
    if (length > 0 && memory !== null) visit(memory, length);
  }
}
