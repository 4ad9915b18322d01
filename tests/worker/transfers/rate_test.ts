import assert from "node:assert/strict";
import fc from "fast-check";
import { Rate } from "../../../worker/transfers/rate.ts";

Deno.test("Rate tells what came within the last five seconds, and forgets what was before", () => {
  const rate = new Rate(1000, 0);
  assert.equal(rate.perSecond(0), 0);
  for (let at = 100; at <= 20_000; at += 100) rate.note(1000 + at * 10, at);
  assert.equal(rate.perSecond(20_000), 10_000);
  const late = rate.perSecond(22_500); // nothing has come for half of it
  assert.ok(late >= 5000 && late <= 7000, `${late}`);
  assert.equal(rate.perSecond(25_000), 0);
  for (let at = 25_000; at <= 40_000; at += 100) rate.note(201_000 + (at - 25_000), at);
  assert.equal(rate.perSecond(40_000), 1000);
});

Deno.test("Rate is about right, however it comes", () => {
  const step = fc.record({
    ms: fc.integer({ min: 1, max: 3000 }),
    bytes: fc.integer({ min: 0, max: 10_000 }),
  });
  fc.assert(fc.property(fc.array(step, { minLength: 1, maxLength: 100 }), (steps) => {
    const rate = new Rate(0, 0);
    const samples = [{ at: 0, bytes: 0 }];
    for (const { ms, bytes } of steps) {
      const last = samples.at(-1)!;
      samples.push({ at: last.at + ms, bytes: last.bytes + bytes });
      rate.note(last.bytes + bytes, last.at + ms);
    }
    const { at: now, bytes } = samples.at(-1)!;
    const told = rate.perSecond(now);
    // The samples that are kept are at most a second and a step apart.
    const since = (ms: number) => samples.findLast(({ at }) => at <= now - ms)?.bytes ?? 0;
    const seconds = Math.min(5000, now) / 1000;
    assert.ok(told >= Math.floor((bytes - since(5000)) / seconds), `${told}`);
    assert.ok(told <= Math.ceil((bytes - since(5000 + 4000)) / seconds), `${told}`);
  }));
});
