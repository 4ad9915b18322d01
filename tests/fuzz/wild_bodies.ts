import { encode } from "@msgpack/msgpack";
import { concat } from "../../base/mod.ts";
import type { Random } from "../chaos/random.ts";

/** Texts that programs have stumbled over. */
export const TEXTS: readonly string[] = [
  ...["", " ", "a", "\0", "\n", "\x1b[2J", "\u202e", "\ud800", "é", "e\u0301", "𝔘", "__proto__"],
  ...["constructor", "toString", "$deadlineMs", "null", "-1", "1e999", "true", "%s%n", "${x}"],
  ...["a".repeat(256), "ü".repeat(1024), "x".repeat(70_000)],
];

const NUMBERS: readonly unknown[] = [
  ...[0, -0, 1, -1, 0.5, 127, 128, 255, 256, 65_535, 65_536, 2 ** 31, 2 ** 32, 2 ** 53 - 1],
  ...[
    2 ** 53,
    -(2 ** 53),
    1e308,
    NaN,
    Infinity,
    -Infinity,
    2n ** 63n,
    2n ** 64n - 1n,
    -(2n ** 63n),
  ],
];

/** MessagePack of any value that it has, whole numbers of 64 bits included. */
export function pack(value: unknown): Uint8Array {
  return encode(value, { useBigInt64: true });
}

/** Any value that MessagePack has, nested at most so deep. */
export function wildValue(random: Random, depth = 3): unknown {
  const kind = random.between(0, depth > 0 ? 8 : 5);
  if (kind === 0) return random.pick([null, true, false]);
  if (kind <= 2) return random.pick(TEXTS);
  if (kind <= 4) return random.pick(NUMBERS);
  if (kind === 5) return random.bytes(random.between(0, 40));
  if (kind === 6) {
    return Array.from({ length: random.between(0, 5) }, () => wildValue(random, depth - 1));
  }
  return wildMap(random, depth - 1);
}

/** A map of such values. */
export function wildMap(random: Random, depth = 3): Record<string, unknown> {
  const entries = Array.from({ length: random.between(0, 5) }, () => [
    random.pick(TEXTS) ?? "",
    wildValue(random, depth),
  ]);
  return Object.fromEntries(entries);
}

/** MessagePack that no encoder would write: it lies, ends early, goes too deep, or means nothing. */
export function wildBody(random: Random): Uint8Array {
  switch (random.between(0, 9)) {
    case 0:
      return random.bytes(random.between(0, 300));
    case 1: // a length that is not there
      return concat([Uint8Array.of(random.pick([0xc6, 0xdb, 0xdd, 0xdf, 0xc9]) ?? 0xdf), LARGE]);
    case 2:
      return nested(random.between(30, 5000), 0x91, 0xc0);
    case 3:
      return nested(random.between(1, 40), 0x81, 0x80, 0xa1, 0x61);
    case 4: // an extension: a timestamp
      return Uint8Array.of(0x81, 0xa1, 0x61, 0xd6, 0xff, ...random.bytes(4));
    case 5: // no UTF-8
      return Uint8Array.of(0x81, 0xa3, 0xff, 0xc0, 0x80, 0xa2, 0xed, 0xa0);
    case 6: // the same key twice, and one that is no string
      return Uint8Array.of(0x83, 0xa1, 0x61, 0x01, 0xa1, 0x61, 0x02, 0x05, 0x06);
    case 7: // more values than may be
      return concat([Uint8Array.of(0x81, 0xa1, 0x61, 0xdd, 0, 1, 0x20, 0), new Uint8Array(73_728)]);
    case 8:
      return pack(wildValue(random));
    default: // something behind the map
      return concat([pack(wildMap(random)), random.bytes(random.between(1, 9))]);
  }
}

const LARGE = Uint8Array.of(0xff, 0xff, 0xff, 0xff);

function nested(depth: number, opening: number, innermost: number, ...key: number[]): Uint8Array {
  const level = [opening, ...key];
  const body = Array.from({ length: depth }, () => level).flat();
  return Uint8Array.of(0x81, 0xa1, 0x61, ...body, innermost);
}
