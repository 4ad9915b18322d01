import assert from "node:assert/strict";
import fc from "fast-check";
import { decodeFileName, encodeFileName, isFileName } from "../../protocol/mod.ts";

/** What a directory of Linux may have: few bytes, as encoding makes it longer; much of it needs that. */
const LOCAL_SEGMENT = fc.oneof(
  fc.string({
    unit: fc.constantFrom(...'%%%0123ADEFad:.\\<>"|?* ~$\n\x7f\x9b', "é", "文", "😀"),
    minLength: 1,
    maxLength: 12,
  }),
  fc.string({ unit: "binary", minLength: 1, maxLength: 12 }),
  fc.constantFrom("CON", "nul.txt", "com1 .x", "Aux", "LPT¹", ".msquicd", "MSQUIC~1", ".MSQUICD"),
  fc.uuid().map((id) => `.msquicd-${id}.part`),
).filter((segment) => !/[/\0]/.test(segment) && segment !== "." && segment !== "..");

const LOCAL_NAME = fc.array(LOCAL_SEGMENT, { minLength: 1, maxLength: 3 })
  .map((segments) => segments.join("/"));

const EXAMPLES: readonly (readonly [here: string, there: string])[] = [
  ["12:30.log", "12%3A30.log"],
  ["a/b", "a/b"],
  ["50%", "50%"],
  ["100%25", "100%25"],
  ["a%3Ab", "a%253Ab"],
  ["a%3ab", "a%3ab"],
  ["a%20b", "a%20b"],
  ["%:", "%%3A"],
  [" a", "%20a"],
  ["a. .", "a. %2E"],
  ["con.txt", "%63on.txt"],
  ["NUL ", "NUL%20"],
  ["a\\b", "a%5Cb"],
  ["tab\t", "tab%09"],
  ["\x9b", "%C2%9B"],
  [".msquicd/a", "%2Emsquicd/a"],
  ["a/.msquicd", "a/.msquicd"],
];

Deno.test("encodeFileName() changes only what names cannot have, and what looks encoded", () => {
  for (const [here, there] of EXAMPLES) {
    assert.equal(encodeFileName(here), there);
    assert.equal(decodeFileName(there), here);
    assert.ok(isFileName(there), there);
  }
});

Deno.test("encodeFileName() makes names that are allowed, and decodeFileName() finds back what they were", () => {
  fc.assert(
    fc.property(LOCAL_NAME, (name) => {
      const encoded = encodeFileName(name);
      assert.ok(isFileName(encoded), encoded);
      assert.equal(decodeFileName(encoded), name);
      // What could be a name, and what is one already, are told apart.
      assert.equal(decodeFileName(encodeFileName(encoded)), encoded);
    }),
    { numRuns: 2000 },
  );
});

Deno.test("encodeFileName() is undone by nothing but its own names, and no two become one", () => {
  fc.assert(
    fc.property(LOCAL_NAME, LOCAL_NAME, (one, other) => {
      if (one !== other) assert.notEqual(encodeFileName(one), encodeFileName(other));
      // Whatever a server has comes back under the name that it has there.
      if (isFileName(one)) assert.equal(encodeFileName(decodeFileName(one)), one);
    }),
    { numRuns: 2000 },
  );
});

Deno.test("decodeFileName() leads nowhere else, whatever a server says", () => {
  for (
    const name of ["%2E%2E/a", ".%2E", "a%2Fb", "%00", "%2E", "..%2F..%2Fetc", "%FF", "%C3%28"]
  ) {
    assert.equal(decodeFileName(name), name);
  }
  fc.assert(fc.property(LOCAL_NAME, (name) => {
    const decoded = decodeFileName(name);
    assert.equal(decoded.split("/").length, name.split("/").length);
    assert.doesNotMatch(decoded, /\0|(?:^|\/)\.{0,2}(?:\/|$)/);
  }));
});

Deno.test("encodeFileName() leaves what it cannot help", () => {
  for (const name of ["..", "a/../b", "", "a//b", "\0", "\ud800"]) {
    assert.equal(encodeFileName(name), name);
    assert.ok(!isFileName(name));
  }
});
