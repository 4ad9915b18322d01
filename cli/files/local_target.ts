import { join } from "node:path";
import { isThere } from "../../base/mod.ts";
import { fileError, NotADirectoryError, SymbolicLinkError } from "../../transfer/mod.ts";
import { FoldedNameError } from "../errors.ts";
import { PROBE_PREFIX } from "./unfinished.ts";

/** How many directories are known to be ones, so that they are not looked at for each file in them. */
const MAX_KNOWN = 1000;

/** For how long a directory is known to be missing, in milliseconds: it is about to be made. */
const MISSING_MS = 20;

/** A directory here that a server's files are written below, and nowhere else. */
export class LocalTarget {
  readonly #base: string;
  readonly #folds: boolean;
  readonly #known = new Set<string>();
  /** The directory that was found missing last. */
  #missing = { directory: "", until: 0 };
  /** What has been written, as a disk knows it to which some names are the same, by what it was called. */
  readonly #written = new Map<string, string>();

  private constructor(base: string, folds: boolean) {
    this.#base = base;
    this.#folds = folds;
  }

  /** @param folds Whether names are the same that differ in case only, or in normalization; by default, it is tried. */
  static async open(base: string, folds?: boolean): Promise<LocalTarget> {
    return new LocalTarget(base, folds ?? await foldsNames(base));
  }

  /** Where something is written to. @param relative Segments of a server's name, with slashes between. */
  pathOf(relative: string): string {
    return relative === "" ? this.#base : join(this.#base, ...relative.split("/"));
  }

  /**
   * Checks that what is to be written lands where its name says.
   *
   * @throws {SymbolicLinkError} A link below the directory leads elsewhere.
   * @throws {NotADirectoryError} A file is where a directory would have to be.
   * @throws {FoldedNameError} Something else was written that this disk takes for the same.
   */
  check(relative: string): void {
    this.#claim(relative);
    for (let end = relative.indexOf("/"); end >= 0; end = relative.indexOf("/", end + 1)) {
      const directory = relative.slice(0, end);
      if (this.#known.has(directory)) continue;
      if (this.#isMissing(directory)) return; // it will be made
      if (this.#known.size === MAX_KNOWN) this.#known.clear();
      this.#known.add(directory);
    }
  }

  #isMissing(directory: string): boolean {
    const now = performance.now();
    if (this.#missing.directory === directory && now < this.#missing.until) return true;
    if (isDirectory(this.pathOf(directory))) return false;
    this.#missing = { directory, until: now + MISSING_MS };
    return true;
  }

  /** Directories are claimed by their names, too: two of them would become one. */
  #claim(relative: string): void {
    if (!this.#folds) return;
    const segments = relative.split("/");
    for (let depth = 1; depth <= segments.length; depth++) {
      const name = segments.slice(0, depth).join("/");
      const folded = name.normalize("NFD").toUpperCase().toLowerCase();
      const other = this.#written.get(folded);
      if (other === undefined) this.#written.set(folded, name);
      else if (other !== name) {
        throw new FoldedNameError(
          `Cannot write "${this.pathOf(name)}": this disk takes its name for that of "${other}"`,
        );
      }
    }
  }
}

/** @returns Whether it is there; looked at on this thread, as asking another takes ten times as long. */
function isDirectory(path: string): boolean {
  let info: Deno.FileInfo;
  try {
    info = Deno.lstatSync(path);
  } catch (cause) {
    if (cause instanceof Deno.errors.NotFound) return false;
    throw fileError(cause, `Cannot write below "${path}"`);
  }
  if (info.isSymlink) {
    throw new SymbolicLinkError(
      `Cannot write below "${path}": it is a symbolic link, which is not followed`,
    );
  }
  if (info.isDirectory) return true;
  throw new NotADirectoryError(`Cannot write below "${path}": it is a file`);
}

/** Whether a directory, or the one that it will be made in, has one file for two such names. */
async function foldsNames(base: string): Promise<boolean> {
  const stem = `${PROBE_PREFIX}${crypto.randomUUID()}`;
  for (let directory = base;; directory = join(directory, "..")) {
    const path = join(directory, `${stem}-\u00e9a`);
    try {
      (await Deno.open(path, { write: true, createNew: true, mode: 0o600 })).close();
    } catch (error) {
      if (error instanceof Deno.errors.NotFound && join(directory, "..") !== directory) continue;
      return false; // nothing can be written there, which is said of each file
    }
    try {
      const others = [`${stem}-\u00e9A`, `${stem}-e\u0301a`];
      const found = await Promise.all(others.map((name) => isThere(join(directory, name))));
      return found.includes(true);
    } finally {
      await Deno.remove(path);
    }
  }
}
