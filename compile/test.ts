/**
 * `deno task test:compiled [flags of deno test]`: runs the process tests against the executable that
 * `deno task compile` has made for this system, with the libmsquic that is in it.
 */
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { CompileError } from "./compile_error.ts";
import { targetOf } from "./targets.ts";

async function test(args: readonly string[]): Promise<number> {
  const executable = fileURLToPath(new URL(`../dist/${targetOf().executable}`, import.meta.url));
  if (!existsSync(executable)) {
    throw new CompileError(
      `Cannot test ${executable}: there is none; make it with: deno task compile`,
    );
  }
  const { code } = await new Deno.Command(Deno.execPath(), {
    args: ["test", "--allow-all", "--unstable-net", ...args, "tests/e2e/", "tests/examples/"],
    cwd: fileURLToPath(new URL("..", import.meta.url)),
    env: { MSQUICD_EXECUTABLE: executable },
    stdout: "inherit",
    stderr: "inherit",
  }).output();
  return code;
}

async function main(args: readonly string[]): Promise<number> {
  try {
    return await test(args);
  } catch (error) {
    if (!(error instanceof CompileError)) throw error;
    console.error(error.message);
    return 1;
  }
}

if (import.meta.main) Deno.exitCode = await main(Deno.args);
