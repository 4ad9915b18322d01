import assert from "node:assert/strict";
import { compare, type Line } from "../../bench/line.ts";
import { formatLines, formatNumber, formatSummary } from "../../bench/table.ts";

function line(own: number[], other?: number[], hold?: number): Line {
  return {
    name: "requests",
    title: "Requests",
    unit: "/s",
    better: "more",
    entries: [
      { who: "msquicd", rounds: own },
      ...(other === undefined
        ? []
        : [{ who: "limit", rounds: other, ...(hold === undefined ? {} : { hold }) }]),
    ],
  };
}

/** The cells of the table's rows below its head. */
function cellsOf(lines: Line[]): string[][] {
  return formatLines(lines).split("\n").filter((row) => row.startsWith("│")).slice(1)
    .map((row) => row.split("│").slice(1, -1).map((cell) => cell.trim()));
}

Deno.test("compare() sets the first against each other by the ratio of the medians", () => {
  const { entries, ...rest } = line([30, 10, 20], [4, 5, 100]);
  const { others } = compare({
    ...rest,
    entries: [...entries, { who: "quic-go", rounds: [40] }],
  });
  assert.deepEqual(others.map(({ who, ratio }) => [who, ratio]), [["limit", 4], ["quic-go", 0.5]]);
});

Deno.test("compare() has no ratio where one of them has no round", () => {
  assert.equal(compare(line([30], [])).others[0]?.ratio, undefined);
  assert.equal(compare(line([], [30])).others[0]?.ratio, undefined);
  assert.deepEqual(compare(line([30])).others, []);
});

Deno.test("compare() tells whether a ratio is held, whichever way is better", () => {
  const kept = (better: Line["better"], own: number) =>
    compare({ ...line([own], [100], 0.7), better }).others[0]?.kept;
  assert.equal(kept("more", 70), true);
  assert.equal(kept("more", 69), false);
  assert.equal(kept("less", 70), true);
  assert.equal(kept("less", 71), false);
  assert.equal(compare(line([1], [100])).others[0]?.kept, undefined);
});

Deno.test("compare() tells whether a value is held", () => {
  assert.equal(compare({ ...line([5]), better: "less", bound: 5 }).kept, true);
  assert.equal(compare({ ...line([6]), better: "less", bound: 5 }).kept, false);
  assert.equal(compare({ ...line([]), better: "less", bound: 5 }).kept, undefined);
});

Deno.test("compare() relates the processor time that servers take for the same work", () => {
  const { entries: [own, other], ...rest } = line([1], [1]);
  const use = (serverMs: number, work: number) => ({ serverMs, clientMs: 1, work });
  const { others } = compare({
    ...rest,
    entries: [
      { ...own!, cpu: [use(30, 10), use(20, 10), use(40, 10)] },
      { ...other!, cpu: [use(20, 20), use(NaN, 20)] },
    ],
  });
  assert.equal(others[0]?.cpuRatio, 3);
  assert.equal(compare(line([1], [1])).others[0]?.cpuRatio, undefined);
});

Deno.test("formatLines() shows medians, ranges, ratios and what is to be held", () => {
  assert.deepEqual(cellsOf([line([30, 10, 20], [4, 5, 6], 0.7)]), [
    ["Requests", "/s", "20 (10–30)", "limit 5 (4–6)", "4×", "≥ 0.7× ✓", "–"],
  ]);
});

Deno.test("formatLines() has a row for each other", () => {
  const { entries, ...rest } = line([10], [20], 0.7);
  const others = [...entries, { who: "quic-go", rounds: [4] }];
  assert.deepEqual(cellsOf([{ ...rest, entries: others }]), [
    ["Requests", "/s", "10", "limit 20", "0.5×", "≥ 0.7× ✗", "–"],
    ["", "", "", "quic-go 4", "2.5×", "–", "–"],
  ]);
});

Deno.test("formatLines() shows what is missing as such", () => {
  assert.deepEqual(
    cellsOf([line([], [5], 0.7), { ...line([7]), better: "less", bound: 6 }]),
    [
      ["Requests", "/s", "–", "limit 5", "–", "≥ 0.7× ?", "–"],
      ["Requests", "/s, less is better", "7", "–", "–", "≤ 6 ✗", "–"],
    ],
  );
});

Deno.test("formatNumber() keeps three significant digits", () => {
  assert.equal(formatNumber(12_345.6), "12,300");
  assert.equal(formatNumber(0.012345), "0.0123");
  assert.equal(formatNumber(4.5), "4.5");
});

Deno.test("formatSummary() leaves out a range that is none", () => {
  assert.equal(formatSummary({ median: 4, min: 4, max: 4 }), "4");
});
