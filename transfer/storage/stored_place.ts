import { parseFileName } from "../../protocol/file_name.ts";
import { isGone, isMissing } from "./absence.ts";
import { noteCopy } from "./copy_beside.ts";
import { storageError } from "../errors.ts";
import { flushBelow } from "./flush.ts";
import type { Held } from "./held.ts";
import { holdRoot } from "./held_root.ts";
import type { HeldPlace, Place } from "./place.ts";
import { refuseOtherNames } from "./same_name.ts";
import type { StorageRoot } from "./storage_root.ts";
import { makeDirectoryBelow, removeEmptyBelow } from "./stored_directories.ts";
import { counting } from "./usage.ts";

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
    counted: (path, step) => counting(root, [{ name, path }], step),
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
    async refuseOtherNames() {
      using top = holdRoot(root);
      try {
        await refuseOtherNames(top, segments);
      } catch (cause) {
        throw storageError(cause, `Cannot store "${name}"`);
      }
    },
    ...(owner === undefined ? {} : {
      noteCopy: (fileName, flushes) =>
        noteCopy(root.staging, owner, [...directories, fileName], flushes),
    }),
    unmake() {
      try {
        using top = holdRoot(root);
        removeEmptyBelow(top, made.splice(0).reverse());
      } catch {
        // Gone, with all that was made in it.
      }
    },
    flush: () => flushBelow(root, [directories]),
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
