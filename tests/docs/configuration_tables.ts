import type { ConfigKey } from "../../manager/config/config_key.ts";
import { KEYS, NAMED_KEYS } from "../../manager/config/keys.ts";

/** A table of `docs/configuration.md`, as the table of keys has it. */
export interface KeyTable {
  /** What it stands under. */
  readonly heading: string;
  readonly columns: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

/** All tables of keys. */
export function keyTables(): KeyTable[] {
  const keys = NAMED_KEYS.filter(([, key]) => key.notInFile === undefined);
  return [
    table("Keys", ["key", "what it takes"], keys.filter(([, key]) => key.type !== "deadline")),
    table(
      "Deadlines",
      ["key", "how long a worker may take"],
      keys.filter(([, key]) => key.type === "deadline"),
    ),
    table(
      "Interrupted uploads",
      ["key in `keptUploads`", "what it says"],
      Object.entries(KEYS.keptUploads.keys),
    ),
    table("Restarts", ["key in `restart`", "what it says"], Object.entries(KEYS.restart.keys)),
  ];
}

/** A document with a table in place of the one that is there. */
export function withTable(document: string, { heading, columns, rows }: KeyTable): string {
  const at = document.indexOf(`\n## ${heading}\n`);
  const start = document.indexOf("\n|", at) + 1;
  if (at < 0 || start === 0) throw new Error(`There is no table under "${heading}"`);
  const end = document.indexOf("\n\n", start) + 1 || document.length;
  return document.slice(0, start) + markdown([columns, ...rows]) + document.slice(end);
}

function table(
  heading: string,
  columns: readonly string[],
  keys: readonly (readonly [string, ConfigKey])[],
): KeyTable {
  return {
    heading,
    columns: [...columns, "default"],
    rows: keys.map(([name, key]) => [
      `\`${name}\``,
      key.documentation,
      key.default === undefined ? "" : `\`${JSON.stringify(key.default)}\``,
    ]),
  };
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
