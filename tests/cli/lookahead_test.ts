import assert from "node:assert/strict";
import { Lookahead } from "../../cli/lookahead.ts";

Deno.test("Lookahead gives every item, knows early how many there are, and looks no further than told", async () => {
  for (const [total, maxAhead] of [[0, 3], [1, 3], [3, 3], [4, 3], [10, 3], [7, 1]] as const) {
    let [made, taken] = [0, 0];
    const items = new Lookahead(
      (function* () {
        for (; made < total;) yield made++;
      })(),
      maxAhead,
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
