import { join } from "node:path";
import { bundle, BUNDLED_MAIN } from "../../compile/bundle.ts";
import { CompileError } from "../../compile/compile_error.ts";
import { targetOf } from "../../compile/targets.ts";
import { LICENSE_FILES } from "../../program_files.ts";

/** What is beside the program's code, and found there by it. */
const FILES: readonly string[] = ["deno.json", ...LICENSE_FILES];
/** Where it finds libmsquic. */
const NATIVE = ".build";

/**
 * Makes of the source what tests of processes can start in its place, as it is in an executable: each of
 * these processes then loads a few files, and not some hundreds.
 *
 * @param project Folder of the source.
 * @param folder Where to put it.
 * @returns Whether that could be done; if not, why is on standard error.
 */
export async function bundleProgram(project: string, folder: string): Promise<boolean> {
  try {
    await bundle({ target: targetOf(), project, folder });
  } catch (error) {
    if (!(error instanceof CompileError)) throw error;
    console.error(`${error.message}. So tests start msquicd from source, which takes longer`);
    return false;
  }
  // As it is started from source.
  await Deno.rename(join(folder, BUNDLED_MAIN), join(folder, "main.ts"));
  for (const name of FILES) await Deno.copyFile(join(project, name), join(folder, name));
  await Deno.symlink(join(project, NATIVE), join(folder, NATIVE), { type: "junction" });
  return true;
}
