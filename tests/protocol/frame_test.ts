import assert from "node:assert/strict";
import fc from "fast-check";
import { decodeFrameHeader, encodeFrameHeader } from "../../protocol/frame.ts";
import { HEADER_LENGTH, MAX_BODY_LENGTH } from "../../protocol/limits.ts";

const VALID_FLAGS = [0, 1, 3, 4, 5];

function header(...bytes: number[]): Uint8Array {
  return Uint8Array.from([...bytes, ...new Array(HEADER_LENGTH - bytes.length).fill(0)]);
}

Deno.test("decodeFrameHeader() gives back what encodeFrameHeader() was given", () => {
  const headers = fc.record({
    type: fc.integer({ min: 0, max: 0xffff }),
    flags: fc.constantFrom(...VALID_FLAGS),
    bodyLength: fc.integer({ min: 0, max: MAX_BODY_LENGTH }),
  }, { noNullPrototype: true });
  fc.assert(fc.property(headers, fc.integer({ min: 0, max: 9 }), (wanted, offset) => {
    const bytes = new Uint8Array(offset + HEADER_LENGTH);
    encodeFrameHeader(wanted, bytes.subarray(offset));
    assert.deepEqual(decodeFrameHeader(bytes, offset), wanted);
  }));
});

Deno.test("encodeFrameHeader() writes version, flags, type and length in network order", () => {
  const bytes = new Uint8Array(HEADER_LENGTH);
  encodeFrameHeader({ type: 0x8123, flags: 5, bodyLength: 0x30201 }, bytes);
  assert.deepEqual([...bytes], [1, 5, 0x81, 0x23, 0, 3, 2, 1]);
});

Deno.test("encodeFrameHeader() refuses a type that does not fit", () => {
  for (const type of [-1, 0x10000, 1.5, NaN]) {
    const encode = () => encodeFrameHeader({ type, flags: 0, bodyLength: 0 }, header());
    assert.throws(encode, RangeError);
  }
});

Deno.test("decodeFrameHeader() refuses every version but 1", () => {
  for (let version = 0; version < 256; version++) {
    if (version === 1) continue;
    assert.throws(() => decodeFrameHeader(header(version)), { code: "bad-version" });
  }
});

Deno.test("decodeFrameHeader() refuses flags that are unknown or do not go together", () => {
  for (let flags = 0; flags < 256; flags++) {
    if (VALID_FLAGS.includes(flags)) assert.equal(decodeFrameHeader(header(1, flags)).flags, flags);
    else assert.throws(() => decodeFrameHeader(header(1, flags)), { code: "bad-frame" });
  }
});

Deno.test("decodeFrameHeader() refuses a body longer than the limit", () => {
  assert.equal(decodeFrameHeader(header(1, 0, 0, 2, 0, 4, 0, 0)).bodyLength, MAX_BODY_LENGTH);
  const tooLarge = [header(1, 0, 0, 2, 0, 4, 0, 1), header(1, 0, 0, 2, 255, 255, 255, 255)];
  for (const bytes of tooLarge) {
    assert.throws(() => decodeFrameHeader(bytes), { code: "body-too-large" });
  }
});
