import { flushDirectory } from "../../base/flush_directory.ts";
import { isGone } from "./absence.ts";
import { holdRoot } from "./held_root.ts";
import type { StorageRoot } from "./storage_root.ts";

/**
 * Flushes directories of a storage, and all that lead to them, to the disk: who has made them a moment before
 * need not have done so yet.
 *
 * @param directories By the segments of their names; none for the storage's own. One that is gone by now has
 * nothing that would have to last.
 */
export async function flushBelow(
  root: StorageRoot,
  directories: Iterable<readonly string[]>,
): Promise<void> {
  const all = new Set([""]);
  for (const segments of directories) {
    for (let depth = segments.length; depth > 0; depth--) {
      all.add(segments.slice(0, depth).join("/"));
    }
  }
  using top = holdRoot(root);
  for (const relative of all) {
    try {
      using held = relative === "" ? undefined : top.openBelow(relative, "directory");
      await flushDirectory((held ?? top).path);
    } catch (error) {
      if (!isGone(error)) throw error;
    }
  }
}
