import assert from "node:assert/strict";
import { RateMeter } from "../../../manager/supervision/rate_meter.ts";

Deno.test("RateMeter says what a counter grew by in a second, over the last full window", () => {
  const meter = new RateMeter(1000);
  assert.equal(meter.sample(5000, 700), 0);
  assert.equal(meter.sample(5500, 1700), 0); // not a full one
  assert.equal(meter.sample(6000, 2700), 2000);
  assert.equal(meter.sample(6900, 2700), 2000);
  assert.equal(meter.sample(8000, 2700), 0);
});

Deno.test("RateMeter begins anew where the counter does, with another process", () => {
  const meter = new RateMeter(1000);
  meter.sample(0, 1_000_000);
  assert.equal(meter.sample(500, 10), 0);
  assert.equal(meter.sample(1500, 110), 100);
});
