import assert from "node:assert/strict";
import fc from "fast-check";
import { Pace } from "../../../transfer/storage/pace.ts";
import { SortedNames } from "../../../transfer/storage/sorted_names.ts";

/** Everything that can be taken. */
function takeAll(names: SortedNames): string[] {
  const taken: string[] = [];
  for (let name = names.take(); name !== undefined; name = names.take()) taken.push(name);
  return taken;
}

Deno.test("SortedNames gives names in order, and keeps the first ones where there is no room for all", async () => {
  const names = fc.uniqueArray(fc.string({ maxLength: 4 }), { maxLength: 60 });
  const room = fc.integer({ min: 1, max: 40 });
  await fc.assert(
    fc.asyncProperty(names, room, fc.integer({ min: 1, max: 9 }), async (given, room, chunk) => {
      const sorted = new SortedNames(room);
      for (let at = 0; at < given.length; at += chunk) {
        await sorted.add(given.slice(at, at + chunk), new Pace());
        assert.ok(sorted.count <= 2 * room + chunk);
      }
      const { end } = sorted;
      const taken = takeAll(sorted);
      assert.equal(sorted.count, 0);
      const wanted = given.toSorted();
      assert.deepEqual(taken, wanted.slice(0, taken.length));
      if (end === undefined) return assert.equal(taken.length, given.length);
      assert.equal(taken.at(-1), end);
      assert.ok(taken.length >= room);
    }),
  );
});
