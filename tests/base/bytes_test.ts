import assert from "node:assert/strict";
import { concat, copyInto } from "../../base/mod.ts";

const PIECES = [Uint8Array.of(1, 2), new Uint8Array(), Uint8Array.of(3)];

Deno.test("concat() joins any number of pieces, and keeps none of their memory", () => {
  assert.deepEqual(concat([]), new Uint8Array());
  const whole = concat(PIECES);
  assert.deepEqual(whole, Uint8Array.of(1, 2, 3));
  assert.deepEqual(concat([whole]), whole);
  assert.notEqual(concat([whole]).buffer, whole.buffer);
});

Deno.test("copyInto() says where the last piece ends, and refuses what has no room", () => {
  const target = new Uint8Array(5);
  assert.equal(copyInto(target, PIECES, 1), 4);
  assert.deepEqual(target, Uint8Array.of(0, 1, 2, 3, 0));
  assert.throws(() => copyInto(target, PIECES, 3), RangeError);
});
