import { resolve } from "node:path";
import { pathToFileURL } from "node:url";

/**
 * A module that has the tests of several files. `deno test` gives each file that it is told modules of its
 * own, which are loaded, and slow to begin with, for each file anew; the files of this one share theirs.
 *
 * @param root The directory from which the files' paths lead.
 */
export function entryOf(files: readonly string[], root: string): string {
  return files.map((file) => `import "${pathToFileURL(resolve(root, file)).href}";\n`).join("");
}
