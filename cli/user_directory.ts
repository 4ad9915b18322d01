import { fileURLToPath } from "node:url";
import { resolve } from "node:path";
import { programFile } from "../program_files.ts";

/**
 * The directory that the user is in, where the process is in another one: a task runs in the directory of
 * its `deno.json`, and says in INIT_CWD where it was called from.
 *
 * @param current The directory that the process is in.
 * @param initial What INIT_CWD says. Elsewhere than in that of a task it may be left over from something else.
 * @returns `undefined` where the process is in it already.
 */
export function userDirectory(current: string, initial: string | undefined): string | undefined {
  if (Deno.build.standalone || !initial || initial === current) return undefined;
  const ofTask = resolve(fileURLToPath(programFile("")));
  return resolve(current) === ofTask ? initial : undefined;
}

/** Goes to the directory that the user is in, so that the paths that are typed lead where they should. */
export function goToUserDirectory(): void {
  try {
    const directory = userDirectory(Deno.cwd(), Deno.env.get("INIT_CWD"));
    if (directory !== undefined) Deno.chdir(directory);
  } catch {
    // It has been removed since: paths that are not relative still lead somewhere.
  }
}
