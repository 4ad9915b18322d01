import { createHash } from "node:crypto";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { removeIfThere } from "../base/mod.ts";
import {
  embeddedDirectory,
  LIBRARY_MANIFEST,
  type LibraryManifest,
} from "../ffi/msquic/embedded_library.ts";
import { BUILD_MANIFEST, type BuildManifest } from "../version.ts";
import type { Target } from "./targets.ts";

/**
 * Lays out what an executable carries besides its code: the library, and what describes both.
 *
 * @returns The paths of the files.
 */
export async function layOut(
  target: Target,
  library: Uint8Array,
  build: BuildManifest,
): Promise<string[]> {
  const directory = fileURLToPath(embeddedDirectory(target.os));
  await removeIfThere(directory, { recursive: true });
  await Deno.mkdir(directory, { recursive: true });
  const manifest: LibraryManifest = {
    fileName: target.library,
    sha256: createHash("sha256").update(library).digest("hex"),
    size: library.length,
  };
  const files: [name: string, content: Uint8Array][] = [
    [target.library, library],
    [LIBRARY_MANIFEST, jsonBytes(manifest)],
    [BUILD_MANIFEST, jsonBytes(build)],
  ];
  for (const [name, content] of files) await Deno.writeFile(join(directory, name), content);
  return files.map(([name]) => join(directory, name));
}

function jsonBytes(value: unknown): Uint8Array {
  return new TextEncoder().encode(`${JSON.stringify(value, null, 2)}\n`);
}
