import assert from "node:assert/strict";
import fc from "fast-check";
import { Backoff } from "../../../manager/supervision/backoff.ts";
import { CpuMeter } from "../../../manager/supervision/cpu_meter.ts";

Deno.test("Backoff.next() doubles up to its cap", () => {
  const backoff = new Backoff({ random: () => 0 });
  const delays = Array.from({ length: 11 }, () => backoff.next(0));
  assert.deepEqual(delays, [100, 200, 400, 800, 1600, 3200, 6400, 12800, 25600, 30000, 30000]);
});

Deno.test("Backoff.next() does not wait after a stable run, and begins anew", () => {
  const backoff = new Backoff({ random: () => 0 });
  backoff.next(0);
  assert.equal(backoff.next(9_999), 200);
  assert.equal(backoff.next(10_000), 0);
  assert.equal(backoff.next(0), 100);
  assert.equal(backoff.next(0), 200);
  assert.equal(backoff.next(20_000), 0);
  assert.equal(backoff.next(20_000), 0);
});

Deno.test("Backoff.next() takes off no more than half, and never overflows", () => {
  const random = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
  fc.assert(fc.property(random, fc.integer({ min: 1, max: 2000 }), (value, count) => {
    const backoff = new Backoff({ random: () => value });
    for (let failure = 0; failure < count; failure++) {
      const full = Math.min(100 * 2 ** failure, 30_000);
      const delay = backoff.next(0);
      assert.ok(delay > full / 2 - 1e-6 && delay <= full);
    }
  }));
});

Deno.test("CpuMeter averages over its window", () => {
  const meter = new CpuMeter(0, 1000);
  assert.equal(meter.percent, 0);
  meter.sample(500, 400_000);
  assert.equal(meter.percent, 0);
  meter.sample(1000, 500_000);
  assert.equal(meter.percent, 50);
  meter.sample(3000, 4_500_000);
  assert.equal(meter.percent, 200);
  meter.sample(4000, 0);
  assert.equal(meter.percent, 0);
});
