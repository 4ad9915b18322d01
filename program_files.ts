import { extname } from "node:path";

/** Folder of what an executable carries besides its code: `deno task compile` puts it there. */
export const CARRIED_FOLDER = "carried/";

/** The files that have msquicd's own licence, and those of what it is made of. */
export const LICENSE_FILES: readonly string[] = ["LICENSE", "THIRD_PARTY_NOTICES.md"];

/**
 * A file of the program, by its path in the project's folder.
 *
 * This module is in that folder. In an executable, where many modules are one file, it is in the folder
 * that all of those are in, and where another module is nobody can tell: so none asks for its own place.
 *
 * @param path With slashes; `""` for the folder itself.
 */
export function programFile(path: string): URL {
  return new URL(path === "" ? "." : path, import.meta.url);
}

/**
 * A module that is loaded by its URL, as a thread is.
 *
 * @param path As for {@linkcode programFile}, without the extension, which is another one in an executable.
 */
export function programModule(path: string): URL {
  return programFile(path + extname(new URL(import.meta.url).pathname));
}
