/**
 * What is used of `resedit`. Its own declarations name the library of types for browsers, which would
 * then count for the whole project and contradict Deno's.
 *
 * @module
 */

/** A Windows executable, as `pe-library` reads and writes it. */
export class NtExecutable {
  static createEmpty(is32Bit?: boolean, isDll?: boolean): NtExecutable;
  static from(executable: Uint8Array): NtExecutable;
  generate(): ArrayBuffer;
}

/** A resource. */
export interface ResourceEntry {
  type: string | number;
  id: string | number;
  lang: string | number;
  codepage: number;
  bin: ArrayBuffer;
}

/** The resources of an executable. */
export class NtExecutableResource {
  static from(executable: NtExecutable): NtExecutableResource;
  entries: ResourceEntry[];
  replaceResourceEntry(entry: ResourceEntry): void;
  outputResource(executable: NtExecutable): void;
}

export namespace Resource {
  /** Windows' `VS_VERSIONINFO`. */
  class VersionInfo {
    static create(options: {
      lang: number;
      /** `VS_FIXEDFILEINFO`; what is left out is 0. */
      fixedInfo: {
        fileVersionMS?: number;
        fileVersionLS?: number;
        productVersionMS?: number;
        productVersionLS?: number;
        fileFlagsMask?: number;
        fileOS?: number;
        fileType?: number;
      };
      strings: readonly { lang: number; codepage: number; values: Record<string, string> }[];
    }): VersionInfo;
    /** Puts it among the resources, in place of one that is there. */
    outputToResourceEntries(entries: ResourceEntry[]): void;
  }
  const VersionFileOS: { readonly NT_Windows32: number };
  const VersionFileType: { readonly App: number };
}
