import { DEFAULT_INSTANCE } from "../base/mod.ts";
import type { Interruption } from "./context.ts";
import { UsageError } from "./errors.ts";
import { readGlobalFlags } from "./global_flags.ts";
import { Interrupt } from "./interrupt.ts";
import { Output } from "./output.ts";
import { runCommand } from "./run_command.ts";
import { standardStream } from "./standard_streams.ts";
import { terminalOf } from "./terminal.ts";

/**
 * Runs `msquicd` with the arguments it was given.
 *
 * @param args Without the program's own name.
 * @returns The exit code: see `exit_codes.ts`.
 */
export async function main(args: string[]): Promise<number> {
  const stdout = standardStream(Deno.stdout);
  const stderr = standardStream(Deno.stderr);
  const { words, color, json } = readGlobalFlags(args);
  const output = new Output({ json, stdout, stderr, debug: debugging() });
  if (color === undefined) {
    return output.failure(new UsageError("--color takes auto, always or never"));
  }
  const context = {
    output,
    stdout: terminalOf(Deno.stdout, color),
    stderr: Object.assign(terminalOf(Deno.stderr, color), { sink: stderr }),
    instance: DEFAULT_INSTANCE,
    insideShell: false,
    interruption: (): Interruption => new Interrupt(),
  };
  return await runCommand(words, context, stdout);
}

function debugging(): boolean {
  return Deno.env.get("MSQUICD_DEBUG") === "1";
}
