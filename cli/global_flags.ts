import type { ColorChoice } from "./text/terminal.ts";

/** Flags that hold for every command, whatever it is. */
export interface GlobalFlags {
  /** What is left for the command tree. */
  words: string[];
  /** Undefined: a value that does not exist. */
  color: ColorChoice | undefined;
  json: boolean;
}

/** Looks for `--color` and `--json` up to a `--`; `--json` stays, since each command documents it. */
export function readGlobalFlags(args: readonly string[]): GlobalFlags {
  const end = args.indexOf("--");
  const before = end < 0 ? args : args.slice(0, end);
  const colors = before.filter((word) => /^--(no-)?color(=|$)/.test(word));
  const words = [
    ...before.filter((word) => !colors.includes(word)),
    ...(end < 0 ? [] : args.slice(end)),
  ];
  const last = colors.at(-1);
  const color = last === undefined ? "auto" : colorChoice(last);
  return { words, color, json: before.includes("--json") };
}

function colorChoice(word: string): ColorChoice | undefined {
  if (word === "--color") return "always";
  if (word === "--no-color") return "never";
  const value = word.slice("--color=".length);
  return value === "auto" || value === "always" || value === "never" ? value : undefined;
}
