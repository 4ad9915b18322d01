import assert from "node:assert/strict";
import fc from "fast-check";
import { ByteSlab } from "../../../ffi/memory/byte_slab.ts";

Deno.test("ByteSlab.take() gives pieces of the asked length that nobody shares", () => {
  fc.assert(fc.property(fc.array(fc.nat(40_000), { maxLength: 40 }), (lengths) => {
    const slab = new ByteSlab();
    const pieces = lengths.map((length, index) => slab.take(length).fill(index));
    pieces.forEach((piece, index) => {
      assert.equal(piece.length, lengths[index]);
      assert.equal(piece.byteOffset % 8, 0);
      assert.ok(piece.every((byte) => byte === index));
    });
  }));
});

Deno.test("ByteSlab.take() does not make a buffer for every small piece", () => {
  const slab = new ByteSlab();
  const buffers = new Set(Array.from({ length: 1000 }, () => slab.take(1000).buffer));
  assert.ok(buffers.size < 10, `${buffers.size} buffers`);
});
