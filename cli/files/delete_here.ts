import { basename, resolve } from "node:path";
import type { FileInfo } from "../../client/mod.ts";
import { fileError, makeDirectories, removeEmptyDirectories } from "../../transfer/mod.ts";
import { DeletionRefusedError } from "../errors.ts";
import { forEachItem } from "./batch.ts";
import type { Removed } from "./copied.ts";
import { findOthers } from "./delete_others.ts";
import type { Fetching } from "./fetch_files.ts";
import { lookAt } from "./fetch_files.ts";
import type { LocalTarget } from "./local_target.ts";
import { filesBelow, localBelow } from "./local_tree.ts";
import { sideBySide } from "./side_by_side.ts";
import { formatTransfer } from "./transfer_text.ts";
import { isUnfinished } from "./unfinished.ts";
import { listBelow, localRelative, relativeOf, type ServerTree } from "./tree_downloads.ts";

/** Removes here what is not on the server, in a directory that was copied. */
export async function deleteHere(
  { context: { output }, client, options, signal }: Fetching,
  tree: ServerTree,
): Promise<Removed[]> {
  const { dryRun, filter, maxDelete, names } = options;
  let isWhole = true;
  const there = renamed(tree, listBelow(client, tree, signal, () => isWhole = false));
  const branch = { path: tree.base, name: TOP, top: TOP, names, isAll: tree.name === "" };
  const here = filesBelow(branch, { signal, note: () => {} });
  const below = (name: string) => localBelow(branch, name);
  const doomed = await findOthers(
    sideBySide(there, here),
    maxDelete,
    ({ name, directory, problem }) =>
      problem !== undefined ||
      filter?.takesBelow(below(name), directory === true) === false,
  );
  if (!isWhole) {
    throw new DeletionRefusedError("Nothing is removed, as the server cannot read all it has");
  }
  const path = (name: string) => resolve(tree.base, below(name));
  const remove = async ({ name, directory }: { name: string; directory?: true }) => {
    const removed = { path: path(name), removed: true as const };
    if (dryRun) return { ...removed, planned: true as const };
    await removeHere(removed.path, directory === true, tree.base);
    return removed;
  };
  const removed = await forEachItem(doomed.others, output, remove, {
    onDone: (result: Removed) => output.line(formatTransfer(result)),
  });
  if (!dryRun) { for (const name of doomed.emptied) await makeDirectories(path(name)); }
  return removed;
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
  target.check(here); // never through a link
  const path = target.pathOf(here);
  const isDirectory = (await lookAt(path))?.isDirectory;
  if (isDirectory === undefined) return;
  if (!isDirectory) {
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

/** Removes a file, or an empty directory, and the directories that thereby become empty, up to `base`. */
export async function removeHere(path: string, directory: boolean, base: string): Promise<void> {
  try {
    if (!directory) await Deno.remove(path);
  } catch (cause) {
    throw fileError(cause, `Cannot remove "${path}"`);
  }
  const above: string[] = directory ? [path] : [];
  for (let at = resolve(path, ".."); at.length > base.length; at = resolve(at, "..")) {
    above.push(at);
  }
  await removeEmptyDirectories(above);
}
