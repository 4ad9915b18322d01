import project from "./deno.json" with { type: "json" };

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
  const file = new URL(`.build/embedded/${Deno.build.os}/${BUILD_MANIFEST}`, import.meta.url);
  try {
    return JSON.parse(Deno.readTextFileSync(file));
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}
