import { dirname } from "node:path";
import { parseFileName } from "../../protocol/file_name.ts";
import { isGone, isMissing } from "./absence.ts";
import { noteCopy } from "./copy_beside.ts";
import { makeDirectories, removeEmptyDirectories } from "./directories.ts";
import type { Held } from "./held.ts";
import { holdRoot } from "./held_root.ts";
import type { StorageRoot } from "./storage_root.ts";
import { makeDirectoryBelow, removeEmptyBelow } from "./stored_directories.ts";

/** A place for a file, in a directory that is held. */
export interface HeldPlace extends Disposable {
  /** Leads there until it is let go. */
  readonly path: string;
  /** Leads to the directory. */
  readonly directory: string;
}

/** A file that has room reserved for it on another file system than the storage's. */
export interface ReservedFile extends AsyncDisposable {
  /**
   * Moves it to where it is wanted, in a directory on the same file system.
   *
   * @returns Whether it is there now.
   */
  moveTo(path: string): Promise<boolean>;
}

/** A place for a file, in a directory that need not be there yet. */
export interface Place {
  /** For messages. */
  readonly name: string;
  /**
   * Holds the directory.
   *
   * @returns `undefined` if it is not there.
   * @throws An error of the operating system's: `ENOTDIR` if a file is in the way, `ELOOP` if a symbolic link is.
   */
  hold(): HeldPlace | Promise<HeldPlace | undefined>;
  /** Holds the directory, making it if it is missing. Others may remove it again at any time. */
  make(): HeldPlace | Promise<HeldPlace>;
  /** Removes the directories that were made, if they are empty. */
  unmake(): void | Promise<void>;
  /**
   * Writes down that the directory has a file of that name which is on its way here, in case it stays
   * behind. `undefined`: that cannot be written down.
   *
   * @returns Disposed of when it is gone.
   */
  readonly noteCopy?: (fileName: string) => Promise<AsyncDisposable>;
  /** What a file is copied to that cannot be moved there; a new file by default. */
  reserved?: ReservedFile;
}

/** The place that a path leads to, where one is given. */
export function placeOf(target: Place | string): Place {
  return typeof target === "string" ? localPlace(target) : target;
}

/** A place anywhere, found by its path. */
export function localPlace(path: string): Place {
  const made: string[] = [];
  const place: HeldPlace = { path, directory: dirname(path), [Symbol.dispose]() {} };
  return {
    name: path,
    hold: () => place,
    async make() {
      made.push(...await makeDirectories(dirname(path)));
      return place;
    },
    unmake: () => removeEmptyDirectories(made.splice(0).reverse()),
  };
}

/**
 * A place below a storage's directory. What is done there is never done anywhere else, whatever becomes of
 * the names meanwhile.
 *
 * @throws {InvalidNameError}
 */
export function storedPlace(root: StorageRoot & { owner?: string }, name: string): Place {
  const { owner } = root;
  const segments = parseFileName(name);
  const directories = segments.slice(0, -1);
  const made: string[] = [];
  return {
    name,
    async hold() {
      const top = holdRoot(root);
      if (directories.length === 0) return placeIn(top, segments);
      using _top = top;
      try {
        return placeIn(await top.openBelowLater(directories.join("/"), "directory"), segments);
      } catch (error) {
        if (isMissing(error)) return undefined;
        throw error;
      }
    },
    make() {
      const top = holdRoot(root);
      if (directories.length === 0) return placeIn(top, segments);
      using _top = top;
      return placeIn(makeDirectoryBelow(top, directories, made), segments);
    },
    ...(owner === undefined ? {} : {
      noteCopy: (fileName) => noteCopy(root.staging, owner, [...directories, fileName]),
    }),
    unmake() {
      try {
        using top = holdRoot(root);
        removeEmptyBelow(top, made.splice(0).reverse());
      } catch {
        // Gone, with all that was made in it.
      }
    },
  };
}

/**
 * Holds the directory that a file is to be in, or of those above it the nearest that is there.
 *
 * @returns With its path below the storage's directory, empty for that itself.
 */
export async function holdNearest(
  root: StorageRoot,
  name: string,
): Promise<{ held: Held; segments: readonly string[] }> {
  const directories = parseFileName(name).slice(0, -1);
  using stack = new DisposableStack();
  const top = stack.use(holdRoot(root));
  for (let depth = directories.length; depth > 0; depth--) {
    const segments = directories.slice(0, depth);
    try {
      return { held: await top.openBelowLater(segments.join("/"), "directory"), segments };
    } catch (error) {
      // What is in the way of the file, those say who store it.
      if (!isGone(error)) throw error;
    }
  }
  stack.move();
  return { held: top, segments: [] };
}

function placeIn(directory: Held, segments: readonly string[]): HeldPlace {
  return {
    path: `${directory.path}/${segments.at(-1) ?? ""}`,
    directory: directory.path,
    [Symbol.dispose]: () => directory[Symbol.dispose](),
  };
}
