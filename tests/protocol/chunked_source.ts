import fc from "fast-check";
import type { ByteSource } from "../../protocol/mod.ts";

/** What a lent chunk is overwritten with when it is taken back. */
const TAKEN_BACK = 0xee;

/**
 * A source that gives `bytes` in chunks of the given lengths, in turn. It takes each chunk back, by
 * overwriting it, before it gives the next: who still uses it will notice.
 */
export function chunkedSource(bytes: Uint8Array, lengths: readonly number[]): ByteSource {
  let position = 0;
  let turn = 0;
  let lent = new Uint8Array(0);
  return {
    read() {
      lent.fill(TAKEN_BACK);
      if (position === bytes.length) return Promise.resolve(null);
      const length = lengths[turn++ % lengths.length] ?? bytes.length;
      lent = bytes.slice(position, position + length);
      position += lent.length;
      return Promise.resolve(lent);
    },
  };
}

/** A source that gives everything at once. */
export function wholeSource(bytes: Uint8Array): ByteSource {
  return chunkedSource(bytes, [bytes.length]);
}

/** Ways to cut bytes into chunks: some of them empty, but not all. */
export function cuts(): fc.Arbitrary<number[]> {
  const random = fc.array(fc.integer({ min: 0, max: 40 }), { minLength: 1, maxLength: 8 })
    .map((lengths) => [...lengths, 1]);
  return fc.oneof(fc.constantFrom<number[]>([1], [1 << 20]), random);
}
