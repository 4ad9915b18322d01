import { join } from "node:path";
import { ROOT } from "./markdown.ts";

/** The TypeScript files in a folder and below, from the project's folder on, in order. */
export function typeScriptIn(folder: string): string[] {
  return Array.from(Deno.readDirSync(join(ROOT, folder))).flatMap(({ name, isDirectory }) => {
    const path = `${folder}/${name}`;
    if (isDirectory) return typeScriptIn(path);
    return name.endsWith(".ts") ? [path] : [];
  }).sort();
}
