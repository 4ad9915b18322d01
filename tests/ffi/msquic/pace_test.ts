import assert from "node:assert/strict";
import { Pace } from "../../../ffi/msquic/pace.ts";

/** Sends as much as may be sent, with a look every so often; returns the bytes of each look. */
function run(pace: Pace, ms: number, everyMs: number, fromMs = 0): number[] {
  const sent: number[] = [];
  for (let now = fromMs; now < fromMs + ms; now += everyMs) {
    const bytes = pace.allowance(now);
    pace.spend(bytes);
    sent.push(bytes);
  }
  return sent;
}

const sum = (numbers: number[]) => numbers.reduce((total, number) => total + number, 0);

Deno.test("Pace has no limit until it is given a rate", () => {
  const pace = new Pace();
  assert.equal(pace.allowance(1), Infinity);
  pace.rate = Infinity;
  assert.equal(pace.allowance(2), Infinity);
});

Deno.test("Pace lets no more through than its rate, in bursts of two milliseconds", () => {
  const pace = new Pace();
  pace.rate = 5000;
  const sent = run(pace, 1000, 0.5);
  assert.ok(Math.max(...sent) <= 10_000, `${Math.max(...sent)} bytes at once`);
  assert.ok(Math.abs(sum(sent) - 5_000_000) < 20_000, `${sum(sent)} bytes in a second`);
});

Deno.test("Pace makes up for a timer that comes late, and not for having nothing to send", () => {
  const pace = new Pace();
  pace.rate = 5000;
  run(pace, 10, 1);
  assert.equal(pace.allowance(9), 0);
  const late = pace.allowance(15);
  assert.ok(late > 20_000, `${late} bytes after 6 ms`);
  pace.spend(1);
  const idle = pace.allowance(500);
  assert.ok(idle <= 10_000, `${idle} bytes after a rest`);
});

Deno.test("Pace waits until it has a burst, of two packets at least", () => {
  const pace = new Pace();
  pace.rate = 100;
  pace.spend(pace.allowance(1000));
  assert.equal(pace.allowance(1001), 0);
  assert.equal(pace.waitMs, 23);
  assert.equal(pace.allowance(1024), 2400);
});
