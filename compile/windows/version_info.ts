// @ts-types="./resedit.d.ts"
import { NtExecutable, NtExecutableResource, Resource } from "resedit";
import { CompileError } from "../compile_error.ts";

/** US English in UTF-16: what programs look for first. */
const LANGUAGE = { lang: 0x0409, codepage: 1200 } as const;
const ALL_FLAGS = 0x3f;

/** What Windows shows among the properties of a file. */
export interface VersionInfo {
  /** As in `1.2.3`. */
  readonly version: string;
  readonly strings: Readonly<Record<string, string>>;
}

/**
 * Adds a version resource to an executable, which `deno compile` cannot do. The other resources are kept,
 * among them the program.
 *
 * @throws {CompileError} If it is no executable for Windows.
 */
export function withVersionInfo(executable: Uint8Array, info: VersionInfo): Uint8Array {
  const image = readImage(executable);
  const resources = NtExecutableResource.from(image);
  versionResource(info).outputToResourceEntries(resources.entries);
  resources.outputResource(image);
  return new Uint8Array(image.generate());
}

/** Does so to a file. */
export async function brandExecutable(path: string, info: VersionInfo): Promise<void> {
  await Deno.writeFile(path, withVersionInfo(await Deno.readFile(path), info));
}

function readImage(executable: Uint8Array): NtExecutable {
  try {
    return NtExecutable.from(executable);
  } catch (cause) {
    throw new CompileError("Cannot add resources: this is no Windows executable", { cause });
  }
}

function versionResource({ version, strings }: VersionInfo): Resource.VersionInfo {
  const [major = 0, minor = 0, patch = 0] = version.split(/[.-]/).map((part) => Number(part) || 0);
  const [high, low] = [major * 0x1_0000 + minor, patch * 0x1_0000];
  return Resource.VersionInfo.create({
    lang: LANGUAGE.lang,
    fixedInfo: {
      fileVersionMS: high,
      fileVersionLS: low,
      productVersionMS: high,
      productVersionLS: low,
      fileFlagsMask: ALL_FLAGS,
      fileOS: Resource.VersionFileOS.NT_Windows32,
      fileType: Resource.VersionFileType.App,
    },
    strings: [{ ...LANGUAGE, values: { ...strings } }],
  });
}
