import { run } from "@stricli/core";
import { COMMANDS, createApp } from "./app.ts";
import type { CliContext } from "./context.ts";
import { UsageError } from "./errors.ts";
import type { TextSink } from "./output.ts";

/**
 * Runs one command line, already split into words, and reports what goes wrong.
 *
 * @param stdout Takes help texts.
 * @returns The exit code.
 */
export async function runCommand(
  words: readonly string[],
  context: Omit<CliContext, "process">,
  stdout: TextSink,
): Promise<number> {
  let thrown: { error: unknown } | undefined;
  const complaints: string[] = [];
  const app = createApp((error) => {
    thrown = { error };
    return 1;
  });
  const process: { stdout: TextSink; stderr: TextSink; exitCode?: number } = {
    stdout,
    // Only complaints come this way; they leave through `output`, which knows about --json.
    stderr: { write: (text) => void complaints.push(text.trim()) },
  };
  await run(app, usualNames(words), { ...context, process });
  if (thrown !== undefined) return context.output.failure(thrown.error);
  if (!process.exitCode) return 0;
  return context.output.failure(new UsageError([...complaints, hintFor(words)].join("; ")));
}

/** Where to read how it is done right. */
function hintFor([command = ""]: readonly string[]): string {
  return Object.hasOwn(COMMANDS, command)
    ? `see: msquicd ${command} --help`
    : "msquicd --help lists the commands";
}

/** `help`, `help put` and `--version` are what some type first. */
function usualNames(words: readonly string[]): readonly string[] {
  const [first, ...rest] = words;
  if (first === "help") return [...rest, "--help"];
  return first === "--version" ? ["version", ...rest] : words;
}
