/**
 * `deno task native`: builds libmsquic from the `msquic` crate, if that has not been done.
 */
import { mkdirSync, writeFileSync } from "node:fs";
import { CodedError } from "../base/mod.ts";
import { acquireBuildLock } from "./build_lock.ts";
import { cargoBuild, NativeBuildError } from "./cargo.ts";
import { isSharedLibrary, replaceFile } from "./library_file.ts";
import { type BuildPaths, buildPaths } from "./paths.ts";
import { Progress } from "./progress.ts";
import { currentStamp, isUpToDate } from "./stamp.ts";
import { describeMissing, missingTools, requiredTools } from "./tools.ts";

/** Thrown when the machine cannot build; the message names the packages to install. */
export class MissingToolsError extends CodedError {
  readonly code = "missing-tools";
}

/**
 * Builds libmsquic where `locateLibrary` finds it. Does nothing when that is up to date; waits when
 * another process is building it.
 *
 * @returns Whether it was built now.
 * @throws {MissingToolsError} If a tool is missing.
 * @throws {NativeBuildError} If the build fails.
 */
export async function buildLibrary(paths: BuildPaths = buildPaths()): Promise<boolean> {
  if (isUpToDate(paths)) return false;
  mkdirSync(paths.output, { recursive: true });
  using _lock = await acquireBuildLock(
    paths.lock,
    () => console.error("Waiting for another process that is building libmsquic"),
  );
  if (isUpToDate(paths)) return false;
  const missing = missingTools(requiredTools());
  if (missing.length > 0) throw new MissingToolsError(describeMissing(missing));
  await build(paths);
  return true;
}

async function build(paths: BuildPaths): Promise<void> {
  console.error("Building libmsquic, once: takes about 80 s on two cores");
  using progress = new Progress("Building libmsquic");
  const stamp = currentStamp(paths);
  const built = await cargoBuild(paths, (step) => {
    // Crates compile side by side, and MsQuic's own takes nearly all of the time.
    if (!progress.step.startsWith("Compiling msquic")) progress.step = step;
  });
  if (!await isSharedLibrary(built)) {
    throw new NativeBuildError(`Cannot use ${built}: Cargo built it, but it is no shared library`);
  }
  await replaceFile(built, paths.library);
  writeFileSync(paths.stamp, stamp);
  progress.end(`Built ${paths.library} in ${progress.seconds} s`);
}

/** Builds, and says what happened; returns the exit code. */
export async function main(): Promise<number> {
  try {
    const paths = buildPaths();
    if (!await buildLibrary(paths)) console.error(`${paths.library} is up to date`);
    return 0;
  } catch (error) {
    if (!(error instanceof MissingToolsError || error instanceof NativeBuildError)) throw error;
    console.error(error.message);
    return 1;
  }
}

if (import.meta.main) Deno.exitCode = await main();
