import { proposeCompletions } from "@stricli/core";
import { COMMANDS, createApp } from "../app.ts";
import type { CliContext } from "../context.ts";
import type { Routes } from "../definition/routes.ts";
import { openQuote } from "./split_line.ts";

/** What the shell knows besides the command tree. */
const SHELL_WORDS = ["help", "exit"];

/**
 * Completes the word at the end of a line of the shell.
 *
 * @returns The completions, and the part of the line that they replace.
 */
export async function completeLine(
  line: string,
  context: CliContext,
  routes: Routes = COMMANDS,
): Promise<[completions: string[], replaced: string]> {
  if (openQuote(line) !== undefined) return [[], line];
  const words = line.trimStart().split(/\s+/);
  const partial = words.at(-1) ?? "";
  const proposals = await proposeCompletions(createApp(routes), words, context);
  const own = words.length === 1 ? SHELL_WORDS.filter((word) => word.startsWith(partial)) : [];
  const found = [...proposals.map(({ completion }) => completion), ...own]
    // Without a dash, a list of all flags only hides what else there is.
    .filter((word) => partial.startsWith("-") || !word.startsWith("-"));
  return [found.map((word) => word.endsWith("/") ? word : `${word} `), partial];
}
