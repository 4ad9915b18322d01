import CliTable from "cli-table3";

/** A column of a table: its heading, and whether its cells are numbers (aligned right). */
export interface Column {
  heading: string;
  numeric?: boolean;
}

const NO_LINES = Object.fromEntries(
  [
    ["top", "top-mid", "top-left", "top-right"],
    ["bottom", "bottom-mid", "bottom-left", "bottom-right"],
    ["left", "left-mid", "mid", "mid-mid", "right", "right-mid", "middle"],
  ].flat().map((name) => [name, ""]),
);

/**
 * Rows in aligned columns: with frame lines for a terminal, bare text with two spaces between the
 * columns otherwise. No trailing spaces, no newline at the end.
 */
export function formatTable(
  columns: readonly Column[],
  rows: readonly (readonly string[])[],
  options: { lines: boolean },
): string {
  const table = new CliTable({
    head: columns.map((column) => column.heading),
    colAligns: columns.map((column) => column.numeric ? "right" : "left"),
    style: {
      head: [],
      border: [],
      ...(options.lines ? {} : { "padding-left": 0, "padding-right": 2 }),
    },
    ...(options.lines ? {} : { chars: NO_LINES }),
  });
  for (const row of rows) table.push([...row]);
  return table.toString().split("\n").map((line) => line.trimEnd()).filter((line) => line !== "")
    .join("\n");
}
