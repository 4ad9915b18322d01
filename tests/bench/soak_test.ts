import assert from "node:assert/strict";
import { drawChart } from "../../bench/soak/chart.ts";
import { levelOff } from "../../bench/soak/levels.ts";
import { drawSoak, summarizeSoak } from "../../bench/soak/report.ts";
import { ratesBetween, type Sample } from "../../bench/soak/sample.ts";
import { roundUp } from "../../bench/svg.ts";

const MEGABYTE = 1_000_000;
const NOTHING = { requests: 0, connects: 0, uploads: 0, uploadedBytes: 0, failures: 0 };

Deno.test("levelOff() is not misled by how memory grows at first", () => {
  const bytes = [40, 60, 75, 80, 81, 80, 82, 81, 80, 82].map((value) => value * MEGABYTE);
  assert.equal(levelOff(bytes).levels, true);
});

Deno.test("levelOff() sees what goes on growing", () => {
  const bytes = Array.from({ length: 40 }, (_, i) => (100 + 2 * i) * MEGABYTE);
  const { before, after, levels } = levelOff(bytes);
  assert.equal(levels, false);
  assert.ok(after > before);
});

Deno.test("levelOff() does not judge by a few samples", () => {
  assert.throws(() => levelOff([1, 1, 1, 1, 1, 1, 1]), RangeError);
});

Deno.test("ratesBetween() is what was done per second", () => {
  const after = { ...NOTHING, requests: 30, uploadedBytes: 100 };
  const rates = ratesBetween({ ...NOTHING, requests: 10 }, after, 4);
  assert.equal(rates.requests, 5);
  assert.equal(rates.uploadedBytes, 25);
});

Deno.test("roundUp() ends an axis at a round number", () => {
  assert.deepEqual([1, 1.1, 81, 99, 400, 0.03].map(roundUp), [1, 2, 100, 100, 400, 0.04]);
});

Deno.test("drawChart() draws a line for each series, within the picture", () => {
  const svg = drawChart([{
    title: "A < B & C",
    series: [{ name: "one", values: [0, 5, 10] }, { name: "two", values: [1, 1, 1] }],
  }], [0, 1, 2]);
  assert.match(svg, /^<svg [^>]+viewBox="0 0 860 210"/);
  assert.ok(svg.includes("A &lt; B &amp; C"));
  const lines = [...svg.matchAll(/<polyline points="([^"]+)"/g)].map(([, points]) => points!);
  assert.equal(lines.length, 2);
  const numbers = lines.flatMap((points) => points.split(/[ ,]/).map(Number));
  assert.equal(numbers.length, 12);
  assert.ok(numbers.every((value) => value >= 0 && value <= 860));
});

Deno.test("summarizeSoak() says of each process whether its memory levels off", () => {
  const samples = Array.from({ length: 20 }, (_, i): Sample => ({
    seconds: i,
    memory: { manager: 50 * MEGABYTE, worker: (60 + 10 * i) * MEGABYTE },
    rates: { ...NOTHING, requests: 1000 },
  }));
  const [load, manager, worker] = summarizeSoak(samples);
  assert.match(load!, /^1,000 requests\/s/);
  assert.match(manager!, /^manager: 50, then 50 MB: memory levels off$/);
  assert.match(worker!, /^worker: .* MB: memory STILL GROWS$/);
  assert.ok(drawSoak(samples).includes("worker"));
});
