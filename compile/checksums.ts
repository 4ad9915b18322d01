import { createHash } from "node:crypto";
import { join } from "node:path";
import { TARGETS } from "./targets.ts";

/** Name of the file that {@linkcode writeChecksums} writes. */
export const CHECKSUMS_FILE = "SHA256SUMS";

/** Writes the SHA-256 of every executable in `directory`, as `sha256sum --check` reads it. */
export async function writeChecksums(directory: string): Promise<void> {
  const known = new Set(Object.values(TARGETS).map(({ executable }) => executable));
  const present = Array.from(Deno.readDirSync(directory), ({ name }) => name)
    .filter((name) => known.has(name)).sort();
  const lines: string[] = [];
  for (const name of present) lines.push(`${await sha256Of(join(directory, name))}  ${name}\n`);
  await Deno.writeTextFile(join(directory, CHECKSUMS_FILE), lines.join(""));
}

async function sha256Of(path: string): Promise<string> {
  const hash = createHash("sha256");
  using file = await Deno.open(path);
  for await (const chunk of file.readable) hash.update(chunk);
  return hash.digest("hex");
}
