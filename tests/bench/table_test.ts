import assert from "node:assert/strict";
import { compare, type Line } from "../../bench/line.ts";
import { formatLines, formatNumber, formatSummary } from "../../bench/table.ts";

function line(own: number[], other?: number[]): Line {
  return {
    name: "requests",
    title: "Requests",
    unit: "/s",
    better: "more",
    entries: [
      { who: "msquicd", rounds: own },
      ...(other === undefined ? [] : [{ who: "Deno QUIC", rounds: other }]),
    ],
  };
}

Deno.test("compare() is the ratio of the medians", () => {
  assert.equal(compare(line([30, 10, 20], [4, 5, 100])).ratio, 4);
});

Deno.test("compare() has no ratio where one of them has no round", () => {
  assert.equal(compare(line([30], [])).ratio, undefined);
  assert.equal(compare(line([], [30])).ratio, undefined);
  assert.equal(compare(line([30])).ratio, undefined);
});

Deno.test("formatLines() shows medians, ranges and ratios", () => {
  const text = formatLines([line([30, 10, 20], [4, 5, 6])]);
  const [cells] = text.split("\n").filter((row) => row.includes("Requests"));
  assert.deepEqual(
    cells?.split("│").map((cell) => cell.trim()).filter((cell) => cell !== ""),
    ["Requests", "/s", "20 (10–30)", "Deno QUIC 5 (4–6)", "4×"],
  );
});

Deno.test("formatLines() shows what is missing as such", () => {
  const text = formatLines([line([], [5]), { ...line([7]), better: "less" }]);
  assert.match(text, /│ +– │ +Deno QUIC 5 │ +– │/);
  assert.match(text, /│ \/s, less is better │ +7 │ +– │ +– │/);
});

Deno.test("formatNumber() keeps three significant digits", () => {
  assert.equal(formatNumber(12_345.6), "12,300");
  assert.equal(formatNumber(0.012345), "0.0123");
  assert.equal(formatNumber(4.5), "4.5");
});

Deno.test("formatSummary() leaves out a range that is none", () => {
  assert.equal(formatSummary({ median: 4, min: 4, max: 4 }), "4");
});
