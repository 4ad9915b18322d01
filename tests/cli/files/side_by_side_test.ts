import assert from "node:assert/strict";
import fc from "fast-check";
import { findAllOthers, findOthers } from "../../../cli/files/delete_others.ts";
import { type Entry, sideBySide } from "../../../cli/files/side_by_side.ts";

async function* each<Item>(items: readonly Item[]): AsyncGenerator<Item> {
  yield* items;
}

function keyOf({ name, directory }: Entry): string {
  return directory ? `${name}/` : name;
}

Deno.test("sideBySide() pairs what has the same name, in order", async () => {
  const entry = fc.record({
    name: fc.stringMatching(/^[ab\-./0]{1,3}$/),
    directory: fc.constantFrom(true, undefined),
  });
  const entries = fc.uniqueArray(entry, { selector: keyOf, maxLength: 12 })
    .map((some) => some.sort((a, b) => keyOf(a) < keyOf(b) ? -1 : 1));
  await fc.assert(fc.asyncProperty(entries, entries, async (ones, others) => {
    const pairs = await Array.fromAsync(sideBySide(each(ones), each(others)));
    const keys = pairs.map(([one, other]) => keyOf((one ?? other)!));
    assert.deepEqual(keys, [...new Set([...ones, ...others].map(keyOf))].sort());
    for (const [one, other] of pairs) {
      if (one && other) assert.equal(keyOf(one), keyOf(other));
    }
    assert.deepEqual(pairs.flatMap(([one]) => one ?? []), ones);
    assert.deepEqual(pairs.flatMap(([, other]) => other ?? []), others);
  }));
});

Deno.test("sideBySide() ends both walks when it is left", async () => {
  const ended: string[] = [];
  async function* walk(what: string) {
    try {
      for (let i = 0;; i++) yield await Promise.resolve({ name: `${i}` });
    } finally {
      ended.push(what);
    }
  }
  for await (const _ of sideBySide(walk("one"), walk("other"))) break;
  assert.deepEqual(ended.sort(), ["one", "other"]);
});

Deno.test("findOthers() refuses what could be a mistake", async () => {
  const find = (ones: (Entry & { problem?: unknown })[], others: Entry[]) =>
    findOthers(sideBySide(each(ones), each(others)), ({ name }) => name === "kept");
  const refused = { code: "deletion-refused" };
  const [a, b, kept] = ["a", "b", "kept"].map((name) => ({ name }));
  assert.deepEqual(await find([a!], [a!, b!, kept!]), { others: [b], emptied: [] });
  await assert.rejects(find([], [b!]), refused);
  await assert.rejects(find([{ name: "d", directory: true }], [b!]), refused);
  await assert.rejects(find([a!, { name: "c", problem: new Error("x") }], [b!]), refused);
  assert.deepEqual(await find([], [kept!]), { others: [], emptied: [] });
  const again = await find([a!, { name: "d", directory: true }], [{ name: "d/x" }, {
    name: "d/y",
  }]);
  assert.deepEqual(again.emptied, ["d"]);
});

Deno.test("findOthers() keeps an empty directory where the other end has something below it", async () => {
  const find = (ones: string[], others: Entry[]) =>
    findOthers(sideBySide(each(ones.map((name) => ({ name }))), each(others)), () => false);
  const others = ["d-e", "d", "f"].map((name) => ({ name, directory: true }));
  const found = await find(["a", "d-x", "d/x", "d/y", "f1"], others);
  assert.deepEqual(found.others.map(({ name }) => name), ["d-e", "f"]);
});

Deno.test("findAllOthers() refuses what could be a mistake in one of several trees", async () => {
  const refused = { code: "deletion-refused" };
  const find = (tree: string, onUnreadable: (directory: string) => void) => {
    if (tree === "bad") onUnreadable("bad/x");
    return Promise.resolve({ others: [`${tree}/1`, `${tree}/2`], emptied: [tree] });
  };
  assert.deepEqual(await findAllOthers(["a", "b"], 4, find), {
    others: ["a/1", "a/2", "b/1", "b/2"],
    emptied: ["a", "b"],
  });
  await assert.rejects(findAllOthers(["a", "b"], 3, find), refused);
  await assert.rejects(findAllOthers(["a", "bad"], 4, find), refused);
});
