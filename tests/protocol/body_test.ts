import assert from "node:assert/strict";
import fc from "fast-check";
import { decodeBody, encodeBody } from "../../protocol/body.ts";
import { MAX_BODY_DEPTH, MAX_BODY_VALUES, ProtocolError } from "../../protocol/mod.ts";

function bodies(): fc.Arbitrary<Record<string, unknown>> {
  const key = fc.string({ unit: "grapheme" }).filter((text) => text !== "__proto__");
  const { body } = fc.letrec<{ body: Record<string, unknown>; value: unknown }>((tie) => ({
    body: fc.dictionary(key, tie("value"), { noNullPrototype: true, maxKeys: 20 }),
    value: fc.oneof(
      { maxDepth: 4 },
      fc.string({ unit: "grapheme" }),
      fc.maxSafeInteger(),
      fc.double().filter((number) => !Object.is(number, -0)),
      fc.boolean(),
      fc.constant(null),
      fc.uint8Array(),
      tie("body"),
      fc.array(tie("value")),
    ),
  }));
  return body;
}

function fromHex(hex: string): Uint8Array {
  return Uint8Array.from(hex.split(" ").filter(Boolean), (byte) => parseInt(byte, 16));
}

function nested(depth: number): unknown {
  let value: unknown = 1;
  for (let i = 1; i < depth; i++) value = [value];
  return value;
}

Deno.test("decodeBody() gives back what encodeBody() was given", () => {
  fc.assert(fc.property(bodies(), (body) => {
    assert.deepEqual(decodeBody(encodeBody(body).slice()), body);
  }));
});

Deno.test("decodeBody() keeps nothing of the bytes it was given", () => {
  fc.assert(fc.property(bodies(), (body) => {
    const bytes = encodeBody(body).slice();
    const decoded = decodeBody(bytes);
    bytes.fill(0xee);
    assert.deepEqual(decoded, body);
  }));
});

Deno.test("encodeBody() leaves out what is undefined", () => {
  assert.deepEqual(decodeBody(encodeBody({ a: undefined, b: 1 })), { b: 1 });
});

Deno.test("encodeBody() refuses what is no plain object, or holds something foreign", () => {
  const refused = [
    null,
    1,
    [],
    new Date(),
    new Map(),
    { at: new Date() },
    { map: new Map() },
    { set: [new Set()] },
    { big: 1n },
    { call: () => 1 },
    { floats: new Float64Array(1) },
  ];
  for (const body of refused) assert.throws(() => encodeBody(body), TypeError);
});

Deno.test("decodeBody() refuses what is not exactly one map with string keys", () => {
  const refused = {
    "nothing": "",
    "an array": "90",
    "an integer": "01",
    "nil": "c0",
    "a string": "a1 61",
    "an integer key": "81 01 02",
    "a nil key": "81 c0 02",
    "a byte string key": "81 c4 01 61 02",
    "a nested integer key": "81 a1 61 81 01 02",
    "the key __proto__": "81 a9 5f 5f 70 72 6f 74 6f 5f 5f 80",
    "a byte behind": "80 00",
    "another map behind": "80 80",
    "a missing key": "81",
    "a missing value": "81 a1 61",
    "a short string": "81 a1 61 a2 62",
    "a short integer": "81 a1 61 cd 01",
    "a short float": "81 a1 61 cb 00 00",
    "a short length": "81 a1 61 da 00",
    "the type that is never used": "81 a1 61 c1",
    "a timestamp": "81 a1 61 d6 ff 00 00 00 00",
    "an extension": "81 a1 61 c7 01 05 00",
    "a long array without elements": "81 a1 61 dd ff ff ff ff",
    "a long map without pairs": "df ff ff ff ff",
    "a long string without characters": "81 a1 61 db ff ff ff ff",
  };
  for (const [what, hex] of Object.entries(refused)) {
    assert.throws(() => decodeBody(fromHex(hex)), { code: "bad-body" }, what);
  }
});

Deno.test("decodeBody() refuses what nests too deep, as encodeBody() does", () => {
  const deepest = { a: nested(MAX_BODY_DEPTH) };
  assert.deepEqual(decodeBody(encodeBody(deepest)), deepest);
  assert.throws(() => encodeBody({ a: nested(MAX_BODY_DEPTH + 1) }), /Too deep/);
  const arrays = "91 ".repeat(MAX_BODY_DEPTH);
  assert.throws(() => decodeBody(fromHex(`81 a1 61 ${arrays} 01`)), { code: "bad-body" });
  assert.throws(() => decodeBody(new Uint8Array(200_000).fill(0x91)), { code: "bad-body" });
});

Deno.test("decodeBody() refuses too many values", () => {
  const array = new Uint8Array(MAX_BODY_VALUES + 8);
  array.set(fromHex("81 a1 61 dd 00 01 00 00"));
  assert.throws(() => decodeBody(array), { code: "bad-body", message: /more than/ });
});

Deno.test("decodeBody() answers rubbish with bad-body alone", () => {
  const rubbish = fc.oneof(
    fc.uint8Array({ maxLength: 64 }),
    fc.uint8Array({ maxLength: 64 }).map((bytes) => Uint8Array.from([0x81, 0xa1, 0x61, ...bytes])),
    fc.tuple(bodies(), fc.nat(), fc.nat(255)).map(([body, position, byte]) => {
      const bytes = encodeBody(body).slice();
      bytes[position % bytes.length] = byte;
      return bytes;
    }),
  );
  fc.assert(
    fc.property(rubbish, (bytes) => {
      try {
        decodeBody(bytes);
      } catch (error) {
        assert.ok(error instanceof ProtocolError, String(error));
        assert.equal(error.code, "bad-body");
      }
    }),
    { numRuns: 2000 },
  );
});
