import assert from "node:assert/strict";
import fc from "fast-check";
import stringWidth from "string-width";
import { formatProgress, Progress } from "../../../cli/files/progress.ts";
import { collector } from "../collector.ts";

const MIB = 2 ** 20;

Deno.test("formatProgress() shows name, bar, percent, bytes, rate and time to go", () => {
  const state = { name: "big.bin", bytes: 25 * MIB, total: 100 * MIB, rate: 5 * MIB };
  const line = formatProgress(state, 100);
  assert.match(
    line,
    /^big\.bin {2}\[#+-+\] {3}25% {2}25 MiB \/ 100 MiB {2}5 MiB\/s {2}ETA 15\.0 s$/,
  );
});

Deno.test("formatProgress() leaves out what is not known yet", () => {
  const line = formatProgress({ name: "a", bytes: 0, total: undefined, rate: 0 }, 80);
  assert.equal(line, "a  0 B  0 B/s");
});

Deno.test("formatProgress() takes an empty file for complete", () => {
  const line = formatProgress({ name: "a", bytes: 0, total: 0, rate: 0 }, 80);
  assert.match(line, /100%/);
  assert.doesNotMatch(line, /ETA|NaN/);
});

Deno.test("formatProgress() never fills the line, whatever the name and the terminal", () => {
  fc.assert(fc.property(
    fc.string({ maxLength: 200 }),
    fc.nat({ max: 10 ** 13 }),
    fc.nat({ max: 10 ** 13 }),
    fc.integer({ min: 2, max: 300 }),
    (name, bytes, more, columns) => {
      const line = formatProgress({ name, bytes, total: bytes + more, rate: 1000 }, columns);
      assert.ok(line.length < columns, `${line.length} of ${columns}`);
    },
  ));
});

Deno.test("formatProgress() fits names of wide characters, and always says which of several it is", () => {
  const wide = fc.constantFrom(..."日本語ｱé🦕x\u0301");
  fc.assert(fc.property(
    fc.string({ unit: wide, maxLength: 80 }),
    fc.integer({ min: 60, max: 120 }),
    (name, columns) => {
      const state = { name, place: "2/200000", bytes: MIB, total: 60 * MIB, rate: 1000 };
      const line = formatProgress(state, columns);
      assert.ok(line.startsWith("2/200000 "), line);
      assert.ok(stringWidth(line) < columns, `${stringWidth(line)} of ${columns}`);
      assert.ok(line.isWellFormed());
    },
  ));
});

Deno.test("Progress draws at most ten times a second and cleans up its line", () => {
  const sink = collector();
  let now = 0;
  {
    using progress = new Progress("a", 1000, {
      terminal: { interactive: true, color: false, columns: 80 },
      sink,
      now: () => now,
    });
    for (now = 0; now <= 1000; now += 10) progress.update(now);
  }
  const draws = sink.text.split("\r\x1b[2K").slice(1);
  assert.equal(draws.length, 11);
  assert.match(draws[0] ?? "", /10%/);
  assert.match(draws[9] ?? "", /100%/);
  assert.equal(draws[10], "");
});

Deno.test("Progress is silent where nobody watches", () => {
  const sink = collector();
  let now = 0;
  {
    using progress = new Progress("a", 1000, {
      terminal: { interactive: false, color: false, columns: 80 },
      sink,
      now: () => now,
    });
    for (now = 0; now <= 1000; now += 100) progress.update(now);
  }
  assert.equal(sink.text, "");
});
