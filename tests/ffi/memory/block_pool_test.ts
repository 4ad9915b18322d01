import assert from "node:assert/strict";
import fc from "fast-check";
import { BlockPool } from "../../../ffi/memory/block_pool.ts";

const BLOCK = 64;

Deno.test("BlockPool gives no block twice before it was given back, and none that is too small", () => {
  const steps = fc.array(fc.oneof(fc.nat(2 * BLOCK), fc.constant("back" as const)), {
    maxLength: 300,
  });
  fc.assert(fc.property(steps, (steps) => {
    const pool = new BlockPool(BLOCK);
    const taken: { bytes: Uint8Array; mark: number }[] = [];
    steps.forEach((step, mark) => {
      if (step === "back") {
        const back = taken.shift();
        if (back !== undefined) pool.giveBack(back.bytes);
        return;
      }
      const bytes = pool.take(step);
      if (step > BLOCK) assert.equal(bytes, undefined);
      if (bytes === undefined) return;
      assert.equal(bytes.length, step);
      taken.push({ bytes: bytes.fill(mark), mark });
    });
    for (const { bytes, mark } of taken) assert.ok(bytes.every((byte) => byte === mark % 256));
  }));
});

Deno.test("BlockPool has a limit, and uses what is given back again", () => {
  const pool = new BlockPool(BLOCK);
  const taken: Uint8Array[] = [];
  for (let bytes = pool.take(1); bytes !== undefined; bytes = pool.take(1)) taken.push(bytes);
  assert.equal(new Set(taken.map(({ byteOffset }) => byteOffset)).size, taken.length);
  assert.equal(new Set(taken.map(({ buffer }) => buffer)).size, 1);
  pool.giveBack(new Uint8Array(BLOCK)); // somebody else's
  assert.equal(pool.take(1), undefined);
  pool.giveBack(taken[7]!);
  assert.equal(pool.take(BLOCK)?.byteOffset, taken[7]!.byteOffset);
});
