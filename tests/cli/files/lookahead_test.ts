import assert from "node:assert/strict";
import { Lookahead } from "../../../cli/files/lookahead.ts";

Deno.test("Lookahead gives every item, knows early how many there are, and looks no further than told", async () => {
  for (const [total, maxAhead] of [[0, 3], [1, 3], [3, 3], [4, 3], [10, 3], [7, 1]] as const) {
    let [made, taken] = [0, 0];
    const items = new Lookahead(
      (function* () {
        for (; made < total;) yield made++;
      })(),
      { maxAhead, maxLookMs: Infinity },
    );
    for await (const item of items) {
      assert.equal(item, taken++);
      assert.ok(made - taken < maxAhead, `${made - taken} ahead`);
      assert.equal(items.count, made);
      if (total < maxAhead) assert.ok(items.complete);
    }
    assert.deepEqual([taken, items.count, items.complete], [total, total, true]);
  }
});

Deno.test("Lookahead deals with what was found while finding more takes long", async () => {
  const first = Promise.withResolvers<void>();
  const wait = Promise.withResolvers<void>();
  const items = new Lookahead(
    (async function* () {
      yield "first";
      await first.promise;
      yield "second";
      await wait.promise;
      yield "third";
    })(),
    { maxLookMs: 10 },
  );
  const taken: string[] = [];
  for await (const item of items) {
    taken.push(item);
    if (item === "first") first.resolve();
    if (item === "second") wait.resolve();
    if (item !== "third") assert.equal(items.complete, false);
  }
  assert.deepEqual(taken, ["first", "second", "third"]);
  assert.ok(items.complete);
});
