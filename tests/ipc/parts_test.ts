import assert from "node:assert/strict";
import fc from "fast-check";
import { SegmentCorruptError } from "../../ipc/errors.ts";
import { Assembly, MAX_MESSAGE_BYTES, PART_HEADER_BYTES, Parts } from "../../ipc/parts.ts";

function partsOf(message: Uint8Array, number: number, partBytes: number): Uint8Array[] {
  const parts = new Parts(message, number, partBytes);
  const taken: Uint8Array[] = [];
  for (; !parts.done; parts.advance()) taken.push(parts.current);
  return taken;
}

const messages = fc.uint8Array({ minLength: 1, maxLength: 500 });
const sizes = fc.integer({ min: PART_HEADER_BYTES + 1, max: 100 });

Deno.test("Assembly puts together what Parts takes apart, message after message", () => {
  fc.assert(fc.property(fc.array(messages), sizes, (sent, partBytes) => {
    const assembly = new Assembly();
    for (const [number, message] of sent.entries()) {
      const results = partsOf(message, number, partBytes).map((part) => {
        assert.ok(part.length <= partBytes);
        return assembly.add(part);
      });
      assert.deepEqual(results.at(-1), message);
      assert.ok(results.slice(0, -1).every((result) => result === null));
    }
  }));
});

Deno.test("Assembly refuses parts that are missing, repeated, of another message, or too many", () => {
  const [first, second] = partsOf(new Uint8Array(40), 1, 32);
  const [other, otherSecond] = partsOf(new Uint8Array(40), 2, 32);
  const longer = partsOf(new Uint8Array(41), 1, 32)[1];
  assert.ok(first && second && other && otherSecond && longer);
  const bad = [[second], [first, first], [first, otherSecond], [first, other], [first, longer]];
  for (const parts of bad) {
    const assembly = new Assembly();
    assert.throws(() => parts.forEach((part) => assembly.add(part)), SegmentCorruptError);
  }
  const huge = first.slice();
  new DataView(huge.buffer).setUint32(8, MAX_MESSAGE_BYTES + 1, true);
  assert.throws(() => new Assembly().add(huge), SegmentCorruptError);
});

Deno.test("Assembly throws SegmentCorruptError or nothing for any bytes", () => {
  fc.assert(fc.property(fc.array(fc.uint8Array({ maxLength: 40 })), (parts) => {
    const assembly = new Assembly();
    try {
      for (const part of parts) assembly.add(part);
    } catch (error) {
      if (!(error instanceof SegmentCorruptError)) throw error;
    }
  }));
});
