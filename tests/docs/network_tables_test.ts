import assert from "node:assert/strict";
import { LINE_PREFIX } from "../../bench/network/path_row.ts";
import { PATHS } from "../../bench/network/paths.ts";
import { pictureOf } from "../../bench/network/picture.ts";
import type { Line } from "../../bench/line.ts";
import { median } from "../../bench/statistics.ts";
import { formatNumber } from "../../bench/table.ts";
import { assertKept } from "../fixtures/kept_text.ts";
import { read, ROOT } from "./markdown.ts";
import { withTable, type WrittenTable } from "./written_tables.ts";

const { lines } = JSON.parse(read("bench/results.json")) as { lines: Line[] };

Deno.test("docs/performance.md has the figures of networks as bench/results.json has them", () => {
  const document = read("docs/performance.md");
  const text = [pathTable(), timeTable(), fairnessTable()].reduce(withTable, document);
  assertKept(`${ROOT}/docs/performance.md`, document, text);
});

Deno.test("docs/network.svg shows the figures of networks that bench/results.json has", () => {
  // `deno fmt` has its own idea of how it is set.
  const bare = (text = "") => text.replaceAll(/\s+/g, "");
  assert.equal(bare(read("docs/network.svg")), bare(pictureOf(lines)));
});

function pathTable(): WrittenTable {
  const rows = PATHS.flatMap(({ name, title, rateMbit }) =>
    Object.entries(LINE_PREFIX).flatMap(([way, prefix]) => {
      const line = lines.find((line) => line.name === prefix + name);
      return line === undefined ? [] : [[`${title}, ${rateMbit}`, `\`${way}\``, ...figures(line)]];
    })
  );
  return { heading: "Bad networks", columns: ["path", "way", ...columnsOf("network-put-")], rows };
}

function timeTable(): WrittenTable {
  const times = lines.filter(({ name }) => name.startsWith("network-times-"));
  return {
    heading: "First bytes over a long path",
    columns: ["what", ...columnsOf("network-times-")],
    rows: times.map((line) => [line.title, ...figures(line), "", ""].slice(0, 4)),
  };
}

function fairnessTable(): WrittenTable {
  return {
    heading: "Fairness",
    columns: ["who shares 100 Mbit/s", "the first gets", "the other gets"],
    rows: lines.filter(({ name }) => name.startsWith("network-fairness-")).map((line) => [
      line.title.replace(" 100 Mbit/s,", ""),
      ...figures(line),
    ]),
  };
}

/** Who is measured in the first of those lines. */
function columnsOf(prefix: string): string[] {
  return lines.find(({ name }) => name.startsWith(prefix))?.entries.map(({ who }) => who) ?? [];
}

function figures({ entries }: Line): string[] {
  return entries.map(({ rounds }) => rounds.length === 0 ? "–" : formatNumber(median(rounds)));
}
