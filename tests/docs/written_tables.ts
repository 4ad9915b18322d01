/** A table of a document that is made from what it tells of. */
export interface WrittenTable {
  /** What it stands under. */
  readonly heading: string;
  readonly columns: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

/** A document with a table in place of the one that is there. */
export function withTable(document: string, { heading, columns, rows }: WrittenTable): string {
  const at = document.search(new RegExp(`\n#{2,} ${heading}\n`));
  const start = document.indexOf("\n|", at) + 1;
  if (at < 0 || start === 0) throw new Error(`There is no table under "${heading}"`);
  const end = document.indexOf("\n\n", start) + 1 || document.length;
  return document.slice(0, start) + markdown([columns, ...rows]) + document.slice(end);
}

/** As `deno fmt` has it: all columns aligned. */
function markdown(rows: readonly (readonly string[])[]): string {
  const widths =
    rows[0]?.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0))) ?? [];
  const line = (cells: readonly string[], filler: string) =>
    `| ${cells.map((cell, column) => cell.padEnd(widths[column] ?? 0, filler)).join(" | ")} |\n`;
  const [heading = [], ...others] = rows;
  return [
    line(heading, " "),
    line(heading.map(() => ""), "-"),
    ...others.map((row) => line(row, " ")),
  ].join("");
}
