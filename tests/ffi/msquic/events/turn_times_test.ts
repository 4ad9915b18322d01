import assert from "node:assert/strict";
import { turnQuantile, TurnTimes } from "../../../../ffi/msquic/events/turn_times.ts";

Deno.test("turnQuantile() tells a bound that the share of turns did not exceed", () => {
  const times = new TurnTimes();
  assert.equal(turnQuantile(times.counts, 0.99), null);
  for (let i = 0; i < 98; i++) times.record(0.05);
  times.record(3);
  times.record(10_000);
  assert.equal(turnQuantile(times.counts, 0.5), 0.1);
  assert.equal(turnQuantile(times.counts, 0.98), 0.1);
  assert.equal(turnQuantile(times.counts, 0.99), 3);
  assert.equal(turnQuantile(times.counts, 1), Infinity);
});

Deno.test("TurnTimes puts a turn of exactly a bound below it", () => {
  const times = new TurnTimes();
  times.record(1);
  assert.equal(turnQuantile(times.counts, 1), 1);
});
