import { stripVTControlCharacters } from "node:util";
import CliTable from "cli-table3";

/** A column of a table. */
export interface Column {
  heading: string;
  /** Whether its cells are numbers (aligned right). */
  numeric?: boolean;
  /** Where there is no room for all: the lower, the longer it is shown. Without one it always is. */
  rank?: number;
}

/** How a table is to look. */
export interface TableOptions {
  /** Whether with frame lines, where there is room for them. */
  lines: boolean;
  /** How many columns of text there are; any number if not given. */
  width?: number;
}

/** Between the columns of a table without frame lines. */
const GAP = 2;

const NO_LINES = Object.fromEntries(
  [
    ["top", "top-mid", "top-left", "top-right"],
    ["bottom", "bottom-mid", "bottom-left", "bottom-right"],
    ["left", "left-mid", "mid", "mid-mid", "right", "right-mid", "middle"],
  ].flat().map((name) => [name, ""]),
);

/**
 * Rows in aligned columns: with frame lines for a terminal, bare text with two spaces between the
 * columns otherwise. No trailing spaces, no newline at the end. Where that is too wide, columns are left
 * out, and a last line says which.
 */
export function formatTable(
  columns: readonly Column[],
  rows: readonly (readonly string[])[],
  { lines, width = Infinity }: TableOptions,
): string {
  const widths = columns.map(({ heading }, at) =>
    Math.max(heading.length, ...rows.map((row) => widthOf(row[at] ?? "")))
  );
  const shown = columnsThatFit(columns, widths, width);
  const text = shown.reduce((sum, at) => sum + (widths[at] ?? 0), 0);
  const table = draw(
    shown.flatMap((at) => columns[at] ?? []),
    rows.map((row) => shown.map((at) => row[at] ?? "")),
    lines && text + 3 * shown.length + 1 <= width,
  );
  if (shown.length === columns.length) return table;
  const missing = columns.filter((_, at) => !shown.includes(at)).map(({ heading }) => heading);
  return `${table}\nno room for ${missing.join(", ")}`;
}

/** Which columns are shown, by their places. */
function columnsThatFit(
  columns: readonly Column[],
  widths: readonly number[],
  width: number,
): number[] {
  const shown = Array.from(columns.keys());
  const expendable = shown.filter((at) => columns[at]?.rank !== undefined)
    .sort((a, b) => (columns[b]?.rank ?? 0) - (columns[a]?.rank ?? 0));
  const isTooWide = () =>
    shown.reduce((sum, at) => sum + (widths[at] ?? 0), GAP * (shown.length - 1)) > width;
  while (expendable.length > 0 && isTooWide()) {
    shown.splice(shown.indexOf(expendable.shift() ?? 0), 1);
  }
  return shown;
}

function draw(columns: readonly Column[], rows: string[][], lines: boolean): string {
  const table = new CliTable({
    head: columns.map((column) => column.heading),
    colAligns: columns.map((column) => column.numeric ? "right" : "left"),
    style: {
      head: [],
      border: [],
      ...(lines ? {} : { "padding-left": 0, "padding-right": GAP }),
    },
    ...(lines ? {} : { chars: NO_LINES }),
  });
  table.push(...rows);
  return table.toString().split("\n").map((line) => line.trimEnd()).filter((line) => line !== "")
    .join("\n");
}

function widthOf(cell: string): number {
  return stripVTControlCharacters(cell).length;
}
