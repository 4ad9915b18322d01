import { createHash } from "node:crypto";
import { fileURLToPath, pathToFileURL } from "node:url";

/** More files than that are not looked at. */
const MAX_FILES = 256;

/** What imports by a relative path look like, wherever they are. */
const IMPORTS = /\b(?:from|import)\s*\(?\s*["'](\.{1,2}\/[^"'\n]+)["']/g;

/**
 * What is in modules, and in the files that they import by relative paths.
 *
 * @param paths Absolute paths.
 * @returns SHA-256 in lower-case hex of each file that there is.
 */
export async function moduleContents(paths: readonly string[]): Promise<string[]> {
  const waiting = [...paths];
  const seen = new Map<string, string>();
  for (let path = waiting.shift(); path !== undefined; path = waiting.shift()) {
    if (seen.has(path) || seen.size === MAX_FILES) continue;
    // What cannot be read is for whoever loads it to say.
    const text = await Deno.readTextFile(path).catch(() => "");
    seen.set(path, createHash("sha256").update(text).digest("hex"));
    waiting.push(...importsOf(path, text));
  }
  return [...seen.values()];
}

function importsOf(path: string, text: string): string[] {
  const base = pathToFileURL(path);
  return Array.from(text.matchAll(IMPORTS)).flatMap(([, to = ""]) => {
    try {
      return [fileURLToPath(new URL(to, base))];
    } catch {
      return []; // no path, as one with a slash in a name
    }
  });
}
