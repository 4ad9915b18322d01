import { run } from "@stricli/core";
import { DEFAULT_INSTANCE } from "../base/mod.ts";
import { COMMANDS, createApp } from "./app.ts";
import { commandAt } from "./definition/command_at.ts";
import type { CliContext } from "./context.ts";
import type { Routes } from "./definition/routes.ts";
import { UsageError } from "./errors.ts";
import type { TextSink } from "./text/output.ts";
import { typedLike } from "./text/typed_commands.ts";
import { describeUsage, findOddFlag } from "./definition/usage.ts";

/**
 * Runs one command line, already split into words, and reports what goes wrong.
 *
 * @param stdout Takes help texts.
 * @param routes The commands there are.
 * @returns The exit code.
 */
export async function runCommand(
  words: readonly string[],
  context: Omit<CliContext, "process">,
  stdout: TextSink,
  routes: Routes = COMMANDS,
): Promise<number> {
  const { output } = context;
  output.typeCommand = typedLike(words, context);
  const typed = usualNames(words);
  const named = commandAt(typed, routes);
  output.command = named.name;
  const hint = hintFor(named.name, context);
  const odd = findOddFlag(typed, named);
  if (odd !== undefined) return output.failure(new UsageError(`${odd}${hint}`));
  let thrown: { error: unknown } | undefined;
  const complaints: string[] = [];
  const app = createApp(routes, {
    thrown(error) {
      thrown = { error };
      return 1;
    },
    refused: (problem) => describeUsage(problem, typed, named),
  });
  const process: { stdout: TextSink; stderr: TextSink; exitCode?: number } = {
    stdout,
    // Only complaints come this way; they leave through `output`, which knows about --json.
    stderr: { write: (text) => void complaints.push(text.trim()) },
  };
  await run(app, typed, { ...context, process });
  if (thrown !== undefined) return output.failure(thrown.error);
  if (!process.exitCode) return 0;
  return output.failure(new UsageError(`${complaints.join("; ")}${hint}`));
}

/** Where to read how it is done right. */
function hintFor(name: string, { insideShell }: { insideShell: boolean }): string {
  const type = typedLike([], { insideShell, instance: DEFAULT_INSTANCE });
  return name === ""
    ? `; ${type("--help")} lists the commands`
    : `; see: ${type(`${name} --help`)}`;
}

/** `help`, `help put` and `--version` are what some type first. */
function usualNames(words: readonly string[]): readonly string[] {
  const [first, ...rest] = words;
  if (first === "help") return [...rest, "--help"];
  return first === "--version" ? ["version", ...rest] : words;
}
