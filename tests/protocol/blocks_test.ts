import assert from "node:assert/strict";
import fc from "fast-check";
import {
  BLOCK_HEADER_LENGTH,
  decodeBlockHeader,
  encodeBlockHeader,
  MAX_BLOCK_LENGTH,
} from "../../protocol/mod.ts";

const MOST = 0xffff_ffff;

function header(length: number, sent: number): Uint8Array {
  const bytes = new Uint8Array(BLOCK_HEADER_LENGTH);
  new DataView(bytes.buffer).setUint32(0, length);
  new DataView(bytes.buffer).setUint32(4, sent);
  return bytes;
}

Deno.test("The header of a block comes back as it was, and has its numbers in network order", () => {
  const headers = fc.integer({ min: 1, max: MAX_BLOCK_LENGTH }).chain((length) =>
    fc.integer({ min: 1, max: length }).map((sent) => ({ length, sent }))
  );
  fc.assert(fc.property(headers, (wanted) => {
    const bytes = encodeBlockHeader(wanted);
    assert.deepEqual(bytes, header(wanted.length, wanted.sent));
    assert.deepEqual(decodeBlockHeader(bytes), wanted);
  }));
  assert.deepEqual(decodeBlockHeader(header(MOST, MOST)), { length: MOST, sent: MOST });
});

Deno.test("A block that is empty, grows, or promises too much is refused before anything is read of it", () => {
  const cases = [[0, 0], [0, 1], [1, 0], [5, 6], [MAX_BLOCK_LENGTH + 1, 5], [MOST, MOST - 1]];
  for (const [length = 0, sent = 0] of cases) {
    assert.throws(() => decodeBlockHeader(header(length, sent)), { code: "bad-block" });
  }
});
