import { fileURLToPath } from "node:url";

/** The folder that the documents' names start from. */
export const ROOT: string = fileURLToPath(new URL("../..", import.meta.url));

/** All documents of the project. */
export const DOCUMENTS: readonly string[] = [
  "README.md",
  "README.zh-CN.md",
  "CHANGELOG.md",
  ...Array.from(Deno.readDirSync(`${ROOT}/docs`), ({ name }) => `docs/${name}`)
    .filter((path) => path.endsWith(".md")).sort(),
];

/** The text of a document. */
export function read(path: string): string {
  return Deno.readTextFileSync(`${ROOT}/${path}`);
}

/** What a table says, row by row, without its heading. */
export type Table = string[][];

/** The tables in a text, in their order. */
export function tablesIn(text: string): Table[] {
  const tables: Table[] = [];
  let rows: Table | undefined;
  for (const line of withoutCode(text).split("\n")) {
    if (!line.startsWith("|")) rows = undefined;
    else if (/^\|[\s:|-]+\|$/.test(line)) tables.push(rows = []);
    else rows?.push(cellsOf(line));
  }
  return tables;
}

function cellsOf(line: string): string[] {
  return line.split(/(?<!\\)\|/).slice(1, -1).map((cell) => cell.trim().replaceAll("\\|", "|"));
}

/** The part of a text under a heading, up to the next one that is not below it. */
export function section(text: string, heading: string): string {
  const lines = withoutCode(text).split("\n");
  const at = lines.findIndex((line) => /^#+ /.test(line) && line.replace(/^#+ /, "") === heading);
  if (at < 0) throw new Error(`There is no heading "${heading}"`);
  const depth = (lines[at] ?? "").indexOf(" ");
  const rest = lines.slice(at + 1);
  const end = rest.findIndex((line) => new RegExp(`^#{1,${depth}} `).test(line));
  return rest.slice(0, end < 0 ? rest.length : end).join("\n");
}

/** The only table under a heading. */
export function tableUnder(text: string, heading: string): Table {
  const [table, more] = tablesIn(section(text, heading));
  if (table === undefined || more !== undefined) {
    throw new Error(`There is not exactly one table under "${heading}"`);
  }
  return table;
}

/** A text without its blocks of code, whose lines stay as empty ones. */
export function withoutCode(text: string): string {
  return text.replaceAll(/^```[\s\S]*?^```/gm, (block) => block.replaceAll(/[^\n]/g, ""));
}

/** The blocks of code in a text. */
export function codeIn(text: string): string[] {
  return Array.from(text.matchAll(/^```\w*\n([\s\S]*?)^```/gm), ([, code = ""]) => code);
}

/** What is between backticks, where that is the whole cell. */
export function codeOf(cell: string | undefined): string {
  const [, code] = /^`([^`]+)`$/.exec(cell ?? "") ?? [];
  if (code === undefined) throw new Error(`"${cell}" is not in backticks`);
  return code;
}
