import assert from "node:assert/strict";
import fc from "fast-check";
import { nameMapping } from "../../../cli/files/name_mapping.ts";
import { isFileName } from "../../../protocol/mod.ts";

const NAME = fc.array(
  fc.string({ unit: fc.constantFrom(...'%%25:3A0 .a"', "é"), minLength: 1, maxLength: 10 }),
  { minLength: 1, maxLength: 3 },
).map((segments) => segments.join("/"));

Deno.test("nameMapping() leaves names alone unless they are to be encoded", () => {
  const { toServer, toLocal, typed } = nameMapping(false);
  for (const map of [toServer, toLocal, typed]) assert.equal(map("a:b%3A"), "a:b%3A");
});

Deno.test("nameMapping() finds a server's name back, on disks that can have its meaning or not", () => {
  for (const windows of [false, true]) {
    const names = nameMapping(true, windows);
    fc.assert(
      fc.property(NAME.filter(isFileName), (name) => {
        assert.equal(names.toServer(names.toLocal(name)), name);
        const [first, ...rest] = name.split("/");
        assert.equal(names.entryToServer(names.entryToLocal(first ?? "", true), true), first);
        assert.ok(rest.length === 0 || names.toLocal(name).includes("/"));
      }),
      { numRuns: 1000 },
    );
  }
});

Deno.test("nameMapping() keeps on Windows what cannot be there, and says what it is", () => {
  const names = nameMapping(true, true);
  for (const kept of ["12%3A30.log", "a%253Ab", "%6Eul", "d%2E/a", "%43ON.x"]) {
    assert.equal(names.toLocal(kept), kept);
  }
  assert.equal(names.impossible("d/12%3A30.log"), "d/12:30.log");
  assert.equal(names.toLocal("%20a"), " a");
  assert.equal(names.impossible("%20a"), undefined);
  assert.equal(nameMapping(true, false).impossible("12%3A30.log"), undefined);
});

Deno.test("nameMapping() takes names that are typed as they are there, or as they are here", () => {
  const { typed } = nameMapping(true, false);
  assert.equal(typed("12:30.log"), "12%3A30.log");
  assert.equal(typed("12%3A30.log"), "12%3A30.log");
  assert.equal(typed("a:b/"), "a%3Ab/");
  assert.equal(typed("a%3Ab/"), "a%3Ab/");
});
