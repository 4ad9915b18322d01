import assert from "node:assert/strict";
import fc from "fast-check";
import { median, summarize } from "../../bench/statistics.ts";

Deno.test("median() takes the value in the middle, or the mean of the two there", () => {
  assert.equal(median([5, 1, 100]), 5);
  assert.equal(median([10, 9, 2, 1]), 5.5);
  assert.equal(median([3]), 3);
});

Deno.test("summarize() sorts by value", () => {
  assert.deepEqual(summarize([10, 9, 200]), { median: 10, min: 9, max: 200 });
});

Deno.test("summarize() refuses to make something of nothing", () => {
  assert.throws(() => summarize([]), RangeError);
});

Deno.test("summarize() has as many values above the median as below it", () => {
  const values = fc.array(fc.double({ noNaN: true, min: -1e9, max: 1e9 }), { minLength: 1 });
  fc.assert(fc.property(values, (values) => {
    const { median, min, max } = summarize(values);
    const above = values.filter((value) => value > median).length;
    const below = values.filter((value) => value < median).length;
    assert.ok(above <= values.length / 2 && below <= values.length / 2);
    assert.deepEqual([min, max], [Math.min(...values), Math.max(...values)]);
  }));
});
