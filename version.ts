import project from "./deno.json" with { type: "json" };
import { CARRIED_FOLDER, programFile } from "./program_files.ts";

/** Version of msquicd, as in its `deno.json`. */
export const VERSION: string = project.version;

/** What `deno task compile` writes down about an executable, inside of it. */
export interface BuildManifest {
  /** The Git commit it was made from; ends with `-dirty` if files differed from it. */
  readonly commit: string;
}

/** Name of the file that holds it. */
export const BUILD_MANIFEST = "build.json";

/** What this executable was made from; `undefined` when run from source. */
export function buildManifest(): BuildManifest | undefined {
  if (!Deno.build.standalone) return undefined;
  try {
    return JSON.parse(Deno.readTextFileSync(programFile(CARRIED_FOLDER + BUILD_MANIFEST)));
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}
