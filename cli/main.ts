import { DEFAULT_INSTANCE } from "../base/mod.ts";
import { flushStandardError } from "../log/output.ts";
import type { Interruption, RunShell } from "./context.ts";
import { UsageError } from "./errors.ts";
import { ExitCode } from "./exit_codes.ts";
import { readGlobalFlags } from "./global_flags.ts";
import { Interrupt } from "./interrupt.ts";
import { Output, type TextSink } from "./text/output.ts";
import { runCommand } from "./run_command.ts";
import { standardErrorSink, standardOutput } from "./text/standard_streams.ts";
import { type ColorChoice, terminalOf, withSink } from "./text/terminal.ts";
import { goToUserDirectory } from "./user_directory.ts";

/** How long what is still to be written may take after an interruption, in milliseconds. */
const INTERRUPTED_FLUSH_MS = 1000;

/**
 * Runs `msquicd` with the arguments it was given.
 *
 * @param args Without the program's own name.
 * @returns The exit code: see `exit_codes.ts`.
 */
export async function main(args: string[]): Promise<number> {
  goToUserDirectory();
  const stdout = standardOutput;
  const stderr = standardErrorSink();
  const { words, color, json } = readGlobalFlags(args);
  const output = new Output({ json, stdout, stderr, debug: debugging() });
  let code = await runWords(words, color, output, stderr);
  // Who was interrupted waits no longer for readers that take nothing.
  const limitMs = code === ExitCode.interrupted ? INTERRUPTED_FLUSH_MS : undefined;
  await stdout.flush(limitMs);
  if (stdout.broken.aborted) code = output.failure(stdout.broken.reason);
  await flushStandardError(limitMs);
  return code;
}

async function runWords(
  words: readonly string[],
  color: ColorChoice | undefined,
  output: Output,
  stderr: TextSink,
): Promise<number> {
  if (color === undefined) {
    return output.failure(new UsageError("--color takes auto, always or never"));
  }
  const context = {
    output,
    stdout: terminalOf(Deno.stdout, color),
    stderr: withSink(terminalOf(Deno.stderr, color), stderr),
    instance: DEFAULT_INSTANCE,
    insideShell: false,
    runShell,
    interruption: (): Interruption => new Interrupt(standardOutput.broken),
  };
  return await runCommand(words, context, standardOutput);
}

/** Loaded where it is wanted: most commands need none. */
const runShell: RunShell = async (...args) => {
  const shell = await import("./shell/shell.ts");
  await shell.runShell(...args);
};

function debugging(): boolean {
  return Deno.env.get("MSQUICD_DEBUG") === "1";
}
