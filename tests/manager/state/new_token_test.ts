import assert from "node:assert/strict";
import { newToken } from "../../../manager/state/new_token.ts";

// I2.
Deno.test("newToken() draws again where a token would begin with a dash", () => {
  const draws = [new Uint8Array(32).fill(0xF8), new Uint8Array(32).fill(0xFB), new Uint8Array(32)];
  assert.equal(newToken(() => draws.shift() ?? assert.fail("Drawn too often")), "A".repeat(43));
  assert.equal(draws.length, 0);
});

Deno.test("newToken() makes tokens that differ and can be typed", () => {
  const tokens = new Set(Array.from({ length: 500 }, () => newToken()));
  assert.equal(tokens.size, 500);
  for (const token of tokens) assert.match(token, /^[A-Za-z0-9_][A-Za-z0-9_-]{42}$/);
});
