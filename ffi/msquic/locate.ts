import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { CodedError } from "../../base/mod.ts";
import { programFile } from "../../program_files.ts";
import { unpackDirectories } from "../libraries/unpack_directories.ts";
import { unpackLibrary } from "../libraries/unpack_library.ts";
import { carriedLibrary } from "./embedded_library.ts";

/** Where a libmsquic was found. */
export type LibrarySource = "environment" | "embedded" | "built" | "executable" | "system";

/** A libmsquic that can be loaded. */
export interface LocatedLibrary {
  /** An absolute path; for a system library its name alone, which the system's loader looks up. */
  readonly path: string;
  readonly source: LibrarySource;
}

/** What {@linkcode locateLibrary} knows of the machine. */
export interface LocateProbes {
  /** The name of the library's file on this system. */
  readonly fileName: string;
  /** The value of the environment variable `MSQUIC_PATH`, if it is set. */
  readonly environmentPath: string | undefined;
  /** Unpacks the library that the executable carries; `undefined` if there is none in it. */
  readonly unpack: (() => string) | undefined;
  /** Where `deno task native` puts what it built; `undefined` in a compiled executable. */
  readonly builtDirectory: string | undefined;
  /** The folder of the compiled executable; `undefined` when run from source. */
  readonly executableDirectory: string | undefined;
  /** Whether there is a file at `path`. */
  isFile(path: string): boolean;
  /** Whether the system's loader finds a library of this name. */
  canLoad(name: string): boolean;
}

/** Thrown when there is no libmsquic; lists where it was looked for, and says how to get one. */
export class LibraryNotFoundError extends CodedError {
  readonly code = "msquic-not-found";
  /** The paths that were tried, in order. */
  readonly tried: readonly string[];

  constructor(message: string, tried: readonly string[]) {
    super(message);
    this.tried = tried;
  }
}

/** The name of libmsquic's file on `os`. */
export function libraryFileName(os: typeof Deno.build.os = Deno.build.os): string {
  return os === "windows" ? "msquic.dll" : "libmsquic.so.2";
}

/**
 * Finds libmsquic: `MSQUIC_PATH` if it is set, else the one embedded in the executable, which is
 * unpacked, or the one built by `deno task native`, else one beside the executable, else the system's.
 *
 * @throws {LibraryNotFoundError} If there is none, or if `MSQUIC_PATH` names no file.
 * @throws {UnpackError} If the embedded one cannot be unpacked.
 */
export function locateLibrary(probes: LocateProbes = machineProbes()): LocatedLibrary {
  const { fileName, environmentPath, builtDirectory, executableDirectory } = probes;
  if (environmentPath) return locateNamed(environmentPath, probes);
  if (probes.unpack) return { path: probes.unpack(), source: "embedded" };
  const places: [LibrarySource, string | undefined][] = [
    ["built", builtDirectory],
    ["executable", executableDirectory],
  ];
  const tried: string[] = [];
  for (const [source, directory] of places) {
    if (directory === undefined) continue;
    const path = join(directory, fileName);
    if (probes.isFile(path)) return { path, source };
    tried.push(path);
  }
  if (probes.canLoad(fileName)) return { path: fileName, source: "system" };
  tried.push(`${fileName} (as a library of the system)`);
  throw new LibraryNotFoundError(
    `Cannot find libmsquic: it is not at ${tried.join(", ")}; ${howToGetIt()}`,
    tried,
  );
}

/** How libmsquic gets here; an executable has no source to build it from. */
export function howToGetIt(): string {
  const build = Deno.build.standalone ? "" : "build it with: deno task native, or ";
  return `${build}install the package libmsquic, or set MSQUIC_PATH to the file`;
}

// What was asked for by name is never silently replaced by another.
function locateNamed(environmentPath: string, probes: LocateProbes): LocatedLibrary {
  const path = resolve(environmentPath);
  if (probes.isFile(path)) return { path, source: "environment" };
  throw new LibraryNotFoundError(
    `Cannot find libmsquic: MSQUIC_PATH is ${environmentPath}, where there is no file; correct or unset it`,
    [path],
  );
}

/** The probes for the machine this runs on. */
export function machineProbes(): LocateProbes {
  const carried = carriedLibrary();
  return {
    fileName: libraryFileName(),
    environmentPath: Deno.env.get("MSQUIC_PATH"),
    unpack: carried && (() => unpackLibrary(carried, unpackDirectories())),
    builtDirectory: builtDirectory(),
    executableDirectory: Deno.build.standalone ? dirname(Deno.execPath()) : undefined,
    isFile,
    canLoad,
  };
}

/** @throws What is there cannot be looked at. */
function isFile(path: string): boolean {
  try {
    return Deno.statSync(path).isFile;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

/**
 * Where `deno task native` puts libmsquic; `undefined` when this module is part of an executable or
 * comes from the network.
 */
export function builtDirectory(): string | undefined {
  if (Deno.build.standalone) return undefined;
  const url = programFile(".build/native/");
  return url.protocol === "file:" ? fileURLToPath(url) : undefined;
}

function canLoad(name: string): boolean {
  try {
    Deno.dlopen(name, {}).close();
    return true;
  } catch {
    return false;
  }
}
