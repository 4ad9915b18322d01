import { BUNDLED_MAIN } from "./bundle.ts";
import { CompileError } from "./compile_error.ts";
import { denortAdvice } from "./denort.ts";
import type { Target } from "./targets.ts";

/** What `deno compile` is told. */
export interface CompileOptions {
  readonly target: Target;
  /** Folder of all that is in the executable, the program among it as {@linkcode bundle} makes it. */
  readonly folder: string;
  /** Path of the executable. */
  readonly output: string;
  /** Path of an icon for Windows. */
  readonly icon: string;
}

/**
 * The arguments of `deno compile`.
 *
 * `--allow-all`: native code is beyond Deno's sandbox anyway, and nothing less lets a program read
 * `/proc`. It is fixed in the executable, which never asks and takes no permission flags.
 *
 * `--no-code-cache`: the executable would keep V8's code cache under a name in the system's folder for
 * temporary files that anyone can guess, and run whatever somebody else has put there first.
 *
 * `--no-config`, `--no-lock`: what is compiled needs no package any more, and the project's around it is
 * none of its business.
 */
export function compileArguments(options: CompileOptions): string[] {
  const { target, output } = options;
  const icon = target.os === "windows" ? ["--icon", options.icon] : [];
  return [
    "compile",
    "--quiet",
    "--no-check",
    "--no-config",
    "--no-lock",
    "--allow-all",
    "--no-code-cache",
    ...["--target", target.triple],
    ...icon,
    ...["--include", "."],
    ...["--output", output],
    BUNDLED_MAIN,
  ];
}

/**
 * Runs `deno compile` of the Deno that runs this.
 *
 * @throws {CompileError} If it fails; what it said is on standard error by then.
 */
export async function denoCompile(options: CompileOptions): Promise<void> {
  const { target, folder } = options;
  const command = new Deno.Command(Deno.execPath(), {
    args: compileArguments(options),
    cwd: folder,
    stdin: "null",
    stdout: "inherit",
    stderr: "inherit",
  });
  const { success, code } = await command.output();
  if (success) return;
  const advice = Deno.env.get("DENORT_BIN") ? "" : `. ${denortAdvice(target)}`;
  throw new CompileError(
    `Cannot make ${target.executable}: deno compile ended with exit code ${code}${advice}`,
  );
}
