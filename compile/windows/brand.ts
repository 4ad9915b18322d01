import { PortableExecutable } from "./pe.ts";
import { readResources, writeResources } from "./resources.ts";
import { encodeVersionInfo, type VersionInfo } from "./version_info.ts";

const VERSION_TYPE = 16;
const VERSION_NAME = 1;
const LANGUAGE_US_ENGLISH = 0x0409;

/**
 * Adds a version resource to an executable, which `deno compile` cannot do. What resources there are stay
 * where they are, among them the program: only the directory of all of them is written anew.
 */
export function withVersionInfo(executable: Uint8Array, info: VersionInfo): Uint8Array {
  const image = new PortableExecutable(executable);
  const kept = image.resources === 0 ? [] : readResources(image.at(image.resources));
  const version = {
    path: [VERSION_TYPE, VERSION_NAME, LANGUAGE_US_ENGLISH] as const,
    content: encodeVersionInfo(info),
  };
  const others = kept.filter(({ path: [type] }) => type !== VERSION_TYPE);
  return image.withResources(writeResources([...others, version], image.nextAddress));
}

/** Does so to a file. */
export async function brandExecutable(path: string, info: VersionInfo): Promise<void> {
  await Deno.writeFile(path, withVersionInfo(await Deno.readFile(path), info));
}
