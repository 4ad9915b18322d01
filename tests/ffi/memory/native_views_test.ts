import assert from "node:assert/strict";
import { NativeViews } from "../../../ffi/memory/native_views.ts";

const MIB = 1024 * 1024;

Deno.test("NativeViews shows the very bytes that are at an address, also over a region's end", () => {
  const memory = new Uint8Array(4 * MIB);
  for (let i = 0; i < memory.length; i += 4096) memory[i] = i >> 12;
  const address = Deno.UnsafePointer.value(Deno.UnsafePointer.of(memory));
  const views = new NativeViews();
  for (const [at, length] of [[0, 1], [4096, 100_000], [MIB - 10, MIB], [17, 3 * MIB]] as const) {
    const view = views.at(address + BigInt(at), length);
    assert.equal(view.length, length);
    assert.equal(Deno.UnsafePointer.value(Deno.UnsafePointer.of(view)), address + BigInt(at));
    assert.deepEqual(view.subarray(0, 8192), memory.subarray(at, at + Math.min(length, 8192)));
    view[0] = 99; // the same memory, not a copy
    assert.equal(memory[at], 99);
  }
});

Deno.test("NativeViews makes few views of memory that is used again and again, however much it is", () => {
  const memory = new Uint8Array(64 * MIB);
  const address = Deno.UnsafePointer.value(Deno.UnsafePointer.of(memory));
  const views = new NativeViews();
  const seen = (mib: number) => {
    const buffers = new Set<ArrayBuffer>();
    for (let round = 0; round < 5; round++) {
      for (let at = 0; at < mib * MIB; at += MIB / 8) {
        buffers.add(views.at(address + BigInt(at), 100_000).buffer);
      }
    }
    return buffers.size;
  };
  const first = seen(8);
  assert.ok(first <= 10, `${first} views`);
  // Where there is more than it keeps, it is not worse than a view for each piece.
  const many = seen(64);
  assert.ok(many <= 5 * 64 * 8, `${many} views`);
  const again = seen(8);
  assert.ok(again <= 10 + 16, `${again} views`);
});
