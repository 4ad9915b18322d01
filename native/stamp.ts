import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { BuildPaths } from "./paths.ts";

/** What a build depends on: the crates with their checksums, their features, and the machine. */
export function currentStamp(paths: Pick<BuildPaths, "project">): string {
  const hash = createHash("sha256");
  for (const file of ["Cargo.toml", "Cargo.lock"]) {
    hash.update(readFileSync(join(paths.project, file)));
  }
  return `${Deno.build.target} ${hash.digest("hex")}\n`;
}

/** Whether the library is there and was built from what the project is now. */
export function isUpToDate(paths: Pick<BuildPaths, "project" | "library" | "stamp">): boolean {
  return existsSync(paths.library) && existsSync(paths.stamp) &&
    readFileSync(paths.stamp, "utf8") === currentStamp(paths);
}
