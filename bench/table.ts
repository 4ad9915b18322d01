import CliTable from "cli-table3";
import { compare, type Line } from "./line.ts";
import type { Summary } from "./statistics.ts";

const ABSENT = "–";

/** The table that the benchmarks end with: medians, ranges and ratios. */
export function formatLines(lines: readonly Line[]): string {
  const table = new CliTable({
    head: ["", "unit", "msquicd", "against", "ratio"],
    colAligns: ["left", "left", "right", "right", "right"],
    style: { head: [], border: [], compact: true },
  });
  for (const line of lines) {
    const { own, other, ratio } = compare(line);
    const who = line.entries[1]?.who;
    table.push([
      line.title,
      line.better === "more" ? line.unit : `${line.unit}, less is better`,
      formatSummary(own),
      who === undefined ? ABSENT : `${who} ${formatSummary(other)}`,
      ratio === undefined ? ABSENT : `${formatNumber(ratio)}×`,
    ]);
  }
  return table.toString();
}

/** A median and its range: `4.52 (3.9–4.61)`. */
export function formatSummary(summary: Summary | undefined): string {
  if (summary === undefined) return ABSENT;
  const { median, min, max } = summary;
  if (min === max) return formatNumber(median);
  return `${formatNumber(median)} (${formatNumber(min)}–${formatNumber(max)})`;
}

/** Three significant digits, thousands apart: `0.0123`, `4.52`, `12,300`. */
export function formatNumber(value: number): string {
  return value.toLocaleString("en-US", { maximumSignificantDigits: 3 });
}
