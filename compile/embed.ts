import { createHash } from "node:crypto";
import { join } from "node:path";
import { LIBRARY_MANIFEST, type LibraryManifest } from "../ffi/msquic/embedded_library.ts";
import { CARRIED_FOLDER, LICENSE_FILES, programFile } from "../program_files.ts";
import { BUILD_MANIFEST, type BuildManifest } from "../version.ts";
import type { Target } from "./targets.ts";

/**
 * Lays out what an executable carries besides its code: the library, what describes both, and the
 * licences.
 *
 * @param folder That of the code, as {@linkcode bundle} makes it.
 */
export async function layOut(
  folder: string,
  target: Target,
  library: Uint8Array,
  build: BuildManifest,
): Promise<void> {
  const directory = join(folder, CARRIED_FOLDER);
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
  for (const name of LICENSE_FILES) await Deno.copyFile(programFile(name), join(folder, name));
}

function jsonBytes(value: unknown): Uint8Array {
  return new TextEncoder().encode(`${JSON.stringify(value, null, 2)}\n`);
}
