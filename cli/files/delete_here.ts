import { basename, resolve } from "node:path";
import type { FileInfo } from "../../client/mod.ts";
import {
  fileError,
  makeDirectories,
  removeEmptyDirectories,
  removeEmptyDirectory,
} from "../../transfer/mod.ts";
import { forEachItem } from "./batch.ts";
import type { Removed } from "./copied.ts";
import { findAllOthers, findOthers } from "./delete_others.ts";
import type { Fetching } from "./fetch_files.ts";
import type { LocalTarget } from "./local_target.ts";
import { filesBelow, localBelow } from "./local_tree.ts";
import { sideBySide } from "./side_by_side.ts";
import { standingAt } from "./standing.ts";
import { formatTransfer } from "./transfer_text.ts";
import { isUnfinished } from "./unfinished.ts";
import { listBelow, localRelative, relativeOf, type ServerTree } from "./tree_downloads.ts";

/** Removes here what is not on the server, in the directories that were copied. */
export async function deleteHere(
  { context: { output }, client, options, signal }: Fetching,
  trees: readonly ServerTree[],
): Promise<Removed[]> {
  const { dryRun, filter, maxDelete, names } = options;
  const doomed = await findAllOthers(trees, maxDelete, async (tree, onUnreadable) => {
    const branch = { path: tree.base, name: TOP, top: TOP, names, isAll: tree.name === "" };
    const below = (name: string) => localBelow(branch, name);
    const there = renamed(tree, listBelow(client, tree, signal, onUnreadable));
    const here = filesBelow(branch, { signal, note: () => {} });
    const { others, emptied } = await findOthers(
      sideBySide(there, here),
      ({ name, directory, problem }) =>
        problem !== undefined || filter?.takesBelow(below(name), directory === true) === false,
    );
    const path = (name: string) => resolve(tree.base, below(name));
    return {
      others: others.map(({ name, directory }) => ({
        name: path(name),
        directory: directory === true,
        base: tree.base,
      })),
      emptied: emptied.map(path),
    };
  });
  const remove = async ({ name: path, directory, base }: GoneThere) => {
    if (dryRun) return { path, removed: true as const, planned: true as const };
    await removeHere(path, directory, base);
    return { path, removed: true as const };
  };
  const removed = await forEachItem(doomed.others, output, remove, {
    onDone: (result: Removed) => output.line(formatTransfer(result)),
  });
  if (!dryRun) { for (const path of doomed.emptied) await makeDirectories(path); }
  return removed;
}

/** A file here, or a directory with nothing in it, that the server has not. */
interface GoneThere {
  /** Its path. */
  name: string;
  directory: boolean;
  /** Directory that stays. */
  base: string;
}

/** What the top of a tree is called while both ends of it are compared: its name may be any, or none. */
const TOP = "t";

/** A server's entries by their names below a tree. */
async function* renamed(
  tree: ServerTree,
  entries: AsyncIterable<FileInfo>,
): AsyncGenerator<{ name: string; directory?: true }> {
  for await (const entry of entries) {
    const relative = relativeOf(tree, entry.name);
    yield {
      name: relative === "" ? TOP : `${TOP}/${relative}`,
      ...(entry.directory ? { directory: true as const } : {}),
    };
  }
}

/** Paths of the files here that a name stands for which nothing has on the server any more. */
export async function* filesGone(
  { options: { filter, names }, signal }: Fetching,
  tree: ServerTree,
  target: LocalTarget,
  relative: string,
): AsyncGenerator<string> {
  const here = localRelative(tree, relative, names);
  const standing = standingAt(tree.base, here); // never through a link
  if (standing === undefined || standing === "uncopied") return;
  target.check(here);
  const path = target.pathOf(here);
  if (standing === "file") {
    if (filter?.takesBelow(here, false) !== false && !isUnfinished(basename(here))) yield path;
    return;
  }
  const branch = { path, name: TOP, top: TOP };
  for await (
    const { path, name, directory, problem } of filesBelow(branch, { signal, note() {} })
  ) {
    const below = `${here}/${localBelow(branch, name)}`;
    if (directory || problem !== undefined) continue;
    if (filter?.takesBelow(below, false) !== false) yield path;
  }
}

/**
 * Removes a file, or an empty directory, and the directories that thereby become empty, up to `base`.
 *
 * @throws {FileFailedError} The directory is not empty any more.
 */
export async function removeHere(path: string, directory: boolean, base: string): Promise<void> {
  try {
    await (directory ? removeEmptyDirectory(path) : Deno.remove(path));
  } catch (cause) {
    throw fileError(cause, `Cannot remove "${path}"`);
  }
  const above: string[] = [];
  for (let at = resolve(path, ".."); at.length > base.length; at = resolve(at, "..")) {
    above.push(at);
  }
  await removeEmptyDirectories(above);
}
