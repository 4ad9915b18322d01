import assert from "node:assert/strict";
import fc from "fast-check";
import {
  decodeDatagram,
  encodeDatagram,
  MAX_BODY_LENGTH,
  MAX_DATAGRAM_NUMBER,
} from "../../protocol/mod.ts";

const number = fc.integer({ min: 0, max: MAX_DATAGRAM_NUMBER });
const key = fc.string().filter((key) => key !== "__proto__"); // which no body has
const body = fc.dictionary(key, fc.oneof(fc.string(), fc.integer(), fc.boolean()), {
  noNullPrototype: true,
});

Deno.test("A datagram is what it was before it was encoded, at any place in memory", () => {
  fc.assert(fc.property(number, fc.integer({ min: 0, max: 0xffff }), body, (number, type, body) => {
    const bytes = encodeDatagram(number, { type, body });
    const memory = new Uint8Array(bytes.length + 3);
    memory.set(bytes, 3);
    const datagram = decodeDatagram(memory.subarray(3), MAX_BODY_LENGTH);
    assert.deepEqual(datagram, { number, message: { type, flags: 0, body } });
  }));
});

Deno.test("What is cut short, too long, or anything else is no datagram, and nothing is thrown", () => {
  const bytes = encodeDatagram(7, { type: 2, body: { a: 1 } });
  for (let length = 0; length < bytes.length; length++) {
    assert.equal(decodeDatagram(bytes.subarray(0, length), MAX_BODY_LENGTH), undefined);
  }
  assert.equal(decodeDatagram(new Uint8Array([...bytes, 0]), MAX_BODY_LENGTH), undefined);
  assert.equal(decodeDatagram(bytes, 1), undefined);
  fc.assert(fc.property(fc.uint8Array({ maxLength: 40 }), (rubbish) => {
    decodeDatagram(rubbish, MAX_BODY_LENGTH);
  }));
});
