import CliTable from "cli-table3";
import { type Against, compare, type Comparison, type Line } from "./line.ts";
import type { Summary } from "./statistics.ts";

const ABSENT = "–";

/** The table that the benchmarks end with: medians, ranges and ratios, and what of it is to be held. */
export function formatLines(lines: readonly Line[]): string {
  const table = new CliTable({
    head: ["", "unit", "msquicd", "against", "ratio", "to hold", "server CPU"],
    colAligns: ["left", "left", "right", "right", "right", "right", "right"],
    style: { head: [], border: [], compact: true },
  });
  for (const line of lines) table.push(...rowsOf(line));
  return table.toString();
}

/** A row for each who the project is set against, or one if there is nobody. */
function rowsOf(line: Line): string[][] {
  const comparison = compare(line);
  const unit = line.better === "more" ? line.unit : `${line.unit}, less is better`;
  const head = [line.title, unit, formatSummary(comparison.own)];
  if (comparison.others.length === 0) {
    return [[...head, ABSENT, ABSENT, boundOf(line, comparison), ABSENT]];
  }
  return comparison.others.map((other, i) => [
    ...(i === 0 ? head : ["", "", ""]),
    `${other.who} ${formatSummary(other.summary)}`,
    formatRatio(other.ratio),
    holdOf(line, other),
    formatRatio(other.cpuRatio),
  ]);
}

function boundOf({ better, bound }: Line, { kept }: Comparison): string {
  return bound === undefined ? ABSENT : `${sign(better)} ${formatNumber(bound)} ${mark(kept)}`;
}

function holdOf({ better }: Line, { hold, kept }: Against): string {
  return hold === undefined ? ABSENT : `${sign(better)} ${formatNumber(hold)}× ${mark(kept)}`;
}

function sign(better: Line["better"]): string {
  return better === "more" ? "≥" : "≤";
}

function mark(kept: boolean | undefined): string {
  if (kept === undefined) return "?";
  return kept ? "✓" : "✗";
}

/** A median and its range: `4.52 (3.9–4.61)`. */
export function formatSummary(summary: Summary | undefined): string {
  if (summary === undefined) return ABSENT;
  const { median, min, max } = summary;
  if (min === max) return formatNumber(median);
  return `${formatNumber(median)} (${formatNumber(min)}–${formatNumber(max)})`;
}

function formatRatio(ratio: number | undefined): string {
  return ratio === undefined ? ABSENT : `${formatNumber(ratio)}×`;
}

/** Three significant digits, thousands apart: `0.0123`, `4.52`, `12,300`. */
export function formatNumber(value: number): string {
  return value.toLocaleString("en-US", { maximumSignificantDigits: 3 });
}
