import { CompileError } from "./compile_error.ts";
import { denortAdvice } from "./denort.ts";
import type { Target } from "./targets.ts";

/** What `deno compile` is told. */
export interface CompileOptions {
  readonly target: Target;
  /** Folder of the project. */
  readonly project: string;
  /** Path of the executable. */
  readonly output: string;
  /** Files to embed besides the code, relative to the project or absolute. */
  readonly include: readonly string[];
  /** Folders to leave out. */
  readonly exclude: readonly string[];
}

/**
 * The arguments of `deno compile`.
 *
 * `--allow-all`: native code is beyond Deno's sandbox anyway, and nothing less lets a program read
 * `/proc`. It is fixed in the executable, which never asks and takes no permission flags.
 *
 * `--no-code-cache`: the executable would keep V8's code cache under a name in the system's folder for
 * temporary files that anyone can guess, and run whatever somebody else has put there first.
 */
export function compileArguments({ target, output, include, exclude }: CompileOptions): string[] {
  const icon = target.os === "windows" ? ["--icon", "assets/msquicd.ico"] : [];
  return [
    "compile",
    "--quiet",
    "--no-check",
    "--frozen",
    "--allow-all",
    "--no-code-cache",
    ...["--target", target.triple],
    ...icon,
    ...include.flatMap((file) => ["--include", file]),
    ...exclude.flatMap((folder) => ["--exclude", folder]),
    ...["--output", output],
    "main.ts",
  ];
}

/**
 * Runs `deno compile` of the Deno that runs this.
 *
 * @throws {CompileError} If it fails; what it said is on standard error by then.
 */
export async function denoCompile(options: CompileOptions): Promise<void> {
  const { target, project } = options;
  const command = new Deno.Command(Deno.execPath(), {
    args: compileArguments(options),
    cwd: project,
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
