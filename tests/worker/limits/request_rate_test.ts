import assert from "node:assert/strict";
import fc from "fast-check";
import { Refusals } from "../../../worker/limits/refusals.ts";
import { RequestRate } from "../../../worker/limits/request_rate.ts";

Deno.test("RequestRate lets as many pass in a second as it says, whatever came before", () => {
  const rates = fc.integer({ min: 1, max: 5000 });
  const steps = fc.array(fc.tuple(fc.nat(3000), fc.nat(4000)), { maxLength: 30 });
  fc.assert(fc.property(rates, steps, (perSecond, steps) => {
    let now = 1000;
    const rate = new RequestRate(perSecond, () => now);
    const passed: { at: number; count: number }[] = [];
    for (const [pauseMs, wanted] of steps) {
      now += pauseMs;
      let count = 0;
      for (let one = 0; one < wanted; one++) if (rate.take()) count++;
      passed.push({ at: now, count });
    }
    for (const { at: begin } of passed) {
      for (const { at: end } of passed) {
        const between = passed.filter(({ at }) => at >= begin && at <= end);
        const count = between.reduce((sum, one) => sum + one.count, 0);
        const most = Math.max(2, perSecond) + perSecond * (end - begin) / 1000;
        assert.ok(end < begin || count <= most + 1, `${count} of ${most}`);
      }
    }
  }));
});

Deno.test("RequestRate lets a client pass that keeps to it", () => {
  let now = 0;
  const rate = new RequestRate(100, () => now);
  for (let request = 0; request < 1000; request++, now += 10) assert.ok(rate.take(), `${request}`);
});

Deno.test("RequestRate tells each that it refuses another time, at which it passes", () => {
  let now = 0;
  const rate = new RequestRate(100, () => now);
  while (rate.take());
  const waits = Array.from({ length: 20 }, () => rate.retryAfterMs());
  assert.deepEqual(waits.slice(0, 3), [10, 20, 30]);
  for (const wait of waits) {
    now = wait;
    assert.ok(rate.take());
  }
  for (let refused = 0; refused < 5000; refused++) assert.ok(rate.retryAfterMs() <= 10_000);
});

Deno.test("Refusals are told at once, then later, and then are a flood", () => {
  let now = 0;
  const refusals = new Refusals(256, () => now);
  const holds = Array.from({ length: 3000 }, () => refusals.next());
  assert.deepEqual(holds.slice(0, 200), Array(200).fill(0));
  assert.deepEqual(holds.slice(200, 200 + 2048), Array(2048).fill(250));
  assert.equal(holds[200 + 2048], undefined);
  now = 1000;
  assert.equal(refusals.next(), 0);
});
