import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { builtDirectory, libraryFileName } from "../ffi/msquic/locate.ts";

/** The files that building libmsquic reads and writes. */
export interface BuildPaths {
  /** The folder of the Cargo project. */
  readonly project: string;
  /** Cargo's target directory. */
  readonly target: string;
  /** The folder of what follows. */
  readonly output: string;
  /** The library, where `locateLibrary` looks for it. */
  readonly library: string;
  /** What the library was built from, see `stamp.ts`. */
  readonly stamp: string;
  /** Held while building. */
  readonly lock: string;
  /** Cargo's output. */
  readonly log: string;
}

/** The paths of this checkout. */
export function buildPaths(): BuildPaths {
  const output = builtDirectory();
  if (output === undefined) throw new TypeError("Cannot build libmsquic outside of a checkout");
  const project = fileURLToPath(new URL(".", import.meta.url));
  return {
    project,
    target: join(project, "target"),
    output,
    library: join(output, libraryFileName()),
    stamp: join(output, "stamp"),
    lock: join(output, "lock"),
    log: join(output, "build.log"),
  };
}
