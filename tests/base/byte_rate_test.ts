import assert from "node:assert/strict";
import { ByteRate } from "../../base/byte_rate.ts";
import { parseByteRate } from "../../base/byte_rate_text.ts";

Deno.test("ByteRate has whoever comes wait until those before are paid for", () => {
  let now = 1000;
  const rate = new ByteRate(1000, () => now);
  // What was not used in the last quarter of a second may be used now.
  assert.equal(rate.take(250), 0);
  assert.equal(rate.take(500), 0);
  assert.equal(rate.take(500), 500);
  now += 1000;
  assert.equal(rate.take(1), 0);
});

Deno.test("ByteRate lets others come in between", () => {
  assert.equal(new ByteRate(1_000_000).pieceBytes, 50_000);
  assert.equal(new ByteRate(1000).pieceBytes, 4096);
});

Deno.test("parseByteRate() reads bytes in a second as people write them", () => {
  const cases = {
    "500": 500,
    "500k": 512_000,
    "1.5M": 1_572_864,
    "2G": 2 * 1024 ** 3,
    "0": 0,
    "none": 0,
    "": undefined,
    "fast": undefined,
    "-1": undefined,
    "1e3": undefined,
    "10MB": undefined,
    "10 M": undefined,
    "999999999999g": undefined,
  };
  for (const [text, bytes] of Object.entries(cases)) assert.equal(parseByteRate(text), bytes, text);
});
