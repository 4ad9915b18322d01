import { encodeBlockHeader } from "../../protocol/mod.ts";
import { compress } from "../../transfer/compression/zstd.ts";
import type { Random } from "../chaos/random.ts";
import { concat } from "../../base/mod.ts";

/** A frame that becomes 4 MiB, and is said to be less. */
let bomb: Uint8Array | undefined;

/** Bytes in blocks, as a request that says `compression` has them behind it; now and then something else. */
export function inBlocks(random: Random, bytes: Uint8Array): Uint8Array {
  const parts: Uint8Array[] = [];
  for (let at = 0; at < bytes.length;) {
    const part = bytes.subarray(at, at + random.between(1, 400));
    at += part.length;
    const frame = compress(part, 1);
    const isShorter = frame.length < part.length && random.between(0, 1) === 0;
    parts.push(block(part.length, isShorter ? frame : part));
  }
  if (random.between(0, 2) > 0) return concat(parts);
  bomb ??= compress(new Uint8Array(4 * 2 ** 20), 1);
  const odd = [
    block(2 ** 20, bomb),
    block(5, new Uint8Array(0)),
    block(random.between(0, 2 ** 32 - 1), random.bytes(random.between(0, 50))),
    block(1000, random.bytes(40)),
    random.bytes(random.between(0, 20)),
  ];
  parts.splice(random.between(0, parts.length), 0, random.pick(odd) ?? new Uint8Array());
  const whole = concat(parts);
  if (whole.length > 0 && random.between(0, 1) === 0) {
    whole[random.between(0, whole.length - 1)]! ^= 1 << random.between(0, 7);
  }
  return whole;
}

function block(length: number, body: Uint8Array): Uint8Array {
  return concat([encodeBlockHeader({ length, sent: body.length }), body]);
}
