import { flushDirectory } from "../../base/flush_directory.ts";
import { isGone } from "./absence.ts";
import type { Held } from "./held.ts";
import { holdRoot } from "./held_root.ts";
import type { StorageRoot } from "./storage_root.ts";

/** How many directories are flushed at once. */
const AT_ONCE = 32;

/**
 * Flushes directories of a storage, and all that lead to them, to the disk: who has made them a moment before
 * need not have done so yet. They are flushed at once, since a file system with a journal does then what it would do
 * for one.
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
  const rest = all.values();
  const flushRest = async () => {
    for (const relative of rest) await flushOne(top, relative);
  };
  const ended = await Promise.allSettled(
    Array.from({ length: Math.min(AT_ONCE, all.size) }, flushRest),
  );
  for (const end of ended) if (end.status === "rejected") throw end.reason;
}

async function flushOne(top: Held, relative: string): Promise<void> {
  try {
    using held = relative === "" ? undefined : top.openBelow(relative, "directory");
    await flushDirectory((held ?? top).path);
  } catch (error) {
    if (!isGone(error)) throw error;
  }
}
