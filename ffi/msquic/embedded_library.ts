import { CARRIED_FOLDER, programFile } from "../../program_files.ts";
import type { CarriedLibrary } from "../libraries/unpack_library.ts";

/** What `deno task compile` writes next to the library that it embeds. */
export interface LibraryManifest {
  readonly fileName: string;
  readonly sha256: string;
  readonly size: number;
}

/** Name of the file in {@linkcode CARRIED_FOLDER} that describes the library. */
export const LIBRARY_MANIFEST = "library.json";

/** The libmsquic that this executable carries; `undefined` if it carries none, or runs from source. */
export function carriedLibrary(): CarriedLibrary | undefined {
  if (!Deno.build.standalone) return undefined;
  const description = readIfThere(programFile(CARRIED_FOLDER + LIBRARY_MANIFEST));
  if (description === undefined) return undefined;
  const { fileName, sha256, size }: LibraryManifest = JSON.parse(description);
  const read = () => Deno.readFileSync(programFile(CARRIED_FOLDER + fileName));
  const tryOut = (path: string) => Deno.dlopen(path, {}).close();
  const advice = `mend that, or set MSQUIC_PATH to a ${fileName} somewhere else`;
  return { what: "libmsquic", fileName, sha256, size, read, tryOut, advice };
}

function readIfThere(file: URL): string | undefined {
  try {
    return Deno.readTextFileSync(file);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}
