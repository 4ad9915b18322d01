import { copyMemory } from "../memory/copy_memory.ts";
import { NativeViews } from "../memory/native_views.ts";
import { Buffer as BufferLayout } from "./abi/mod.ts";

/** The `QUIC_BUFFER` that is looked at. */
const current = new DataView(new ArrayBuffer(BufferLayout.size));
const CURRENT_SIZE = BigInt(BufferLayout.size);

const received = new NativeViews();

/** Views of the memory of an array of `QUIC_BUFFER`s, which is at an address. */
export function viewBuffers(buffers: bigint, count: number): Uint8Array[] {
  const views: Uint8Array[] = [];
  for (let i = 0; i < count; i++) {
    const length = look(buffers, i);
    const address = memoryOf();
    if (length === 0 || address === 0n) continue;
    views.push(received.at(address, length));
  }
  return views;
}

/** Copies the memory of an array of `QUIC_BUFFER`s, which is at an address, one piece behind the other. */
export function copyBuffers(buffers: bigint, count: number, copy: Uint8Array<ArrayBuffer>): void {
  let filled = 0;
  for (let i = 0; i < count; i++) {
    const length = look(buffers, i);
    if (length === 0) continue;
    const to = filled === 0 ? copy : copy.subarray(filled);
    if (length > to.length) throw new RangeError("Cannot copy more than there is room for");
    copyMemory(to, memoryOf(), BigInt(length));
    filled += length;
  }
}

/** How long all of them are together, in bytes. */
export function lengthOfBuffers(buffers: bigint, count: number): number {
  let length = 0;
  for (let i = 0; i < count; i++) length += look(buffers, i);
  return length;
}

/** Makes one the current one. @returns How long its memory is, in bytes. */
function look(buffers: bigint, index: number): number {
  const address = index === 0 ? buffers : buffers + BigInt(index * BufferLayout.size);
  copyMemory(current, address, CURRENT_SIZE);
  return current.getUint32(BufferLayout.Length, true);
}

function memoryOf(): bigint {
  return current.getBigUint64(BufferLayout.Buffer, true);
}
