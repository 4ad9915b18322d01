import { removeIfThere } from "../base/mod.ts";
import { finishBundle } from "./bundled_files.ts";
import { CompileError } from "./compile_error.ts";
import { NpmCache } from "./npm_cache.ts";
import type { Target } from "./targets.ts";

const MAIN = "main.ts";
/** Modules that threads are, or load: `programModule()` finds them. */
const THREADS = [
  "tasks/thread.ts",
  "transfer/compression/compress_task.ts",
  "transfer/compression/decompress_task.ts",
];
const WINDOWS_THREADS = ["ffi/process/session_end_worker.ts"];

/** What becomes of `main.ts`. */
export const BUNDLED_MAIN = "main.js";

/** What {@linkcode bundle} is told. */
export interface BundleOptions {
  readonly target: Target;
  /** Folder of the project. */
  readonly project: string;
  /** Where to put the program; what is there is removed. */
  readonly folder: string;
}

/**
 * Makes a few files of JavaScript out of the program and the packages that it uses, by `deno bundle` of the
 * Deno that runs this: each file that is loaded costs time.
 *
 * `--code-splitting`: what is imported later is still loaded later, and what several need is there once.
 *
 * `--sourcemap`: places in stack traces are those of the source. A map is read when the first error's stack
 * is, and not before. Nothing is minified, so that functions keep their names.
 *
 * @throws {CompileError} If it fails; what it said is on standard error by then.
 */
export async function bundle({ target, project, folder }: BundleOptions): Promise<void> {
  await removeIfThere(folder, { recursive: true });
  const threads = target.os === "windows" ? [...THREADS, ...WINDOWS_THREADS] : THREADS;
  const { success, code } = await new Deno.Command(Deno.execPath(), {
    args: [
      "bundle",
      "--quiet",
      "--frozen",
      "--platform=deno",
      "--packages=bundle",
      "--code-splitting",
      "--sourcemap=linked",
      `--outdir=${folder}`,
      MAIN,
      ...threads,
    ],
    cwd: project,
    stdin: "null",
    stdout: "inherit",
    stderr: "inherit",
  }).output();
  if (!success) {
    throw new CompileError(
      `Cannot make ${target.executable}: deno bundle ended with exit code ${code}. ` +
        "It downloads esbuild from the npm registry the first time",
    );
  }
  const { registries } = await NpmCache.open();
  await finishBundle({ folder, project, registries });
}
