/**
 * `deno task test:compiled [flags of deno test] [files and folders]`: runs the process tests against the
 * executable that `deno task compile` has made for this system, with the libmsquic that is in it; see
 * `runParts`.
 */
import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { CompileError } from "../../compile/compile_error.ts";
import { targetOf } from "../../compile/targets.ts";
import { compiledPartsOf } from "./parts.ts";
import { ROOT, runParts } from "./run_parts.ts";

/** @throws {CompileError} There is none. */
function findExecutable(): string {
  const executable = resolve(ROOT, "dist", targetOf().executable);
  if (existsSync(executable)) return executable;
  throw new CompileError(
    `Cannot test ${executable}: there is none; make it with: deno task compile`,
  );
}

async function main(args: readonly string[]): Promise<number> {
  try {
    const env = { MSQUICD_EXECUTABLE: findExecutable() };
    return await runParts(compiledPartsOf(args, ROOT), { env });
  } catch (error) {
    if (!(error instanceof CompileError)) throw error;
    console.error(error.message);
    return 1;
  }
}

if (import.meta.main) Deno.exit(await main(Deno.args));
