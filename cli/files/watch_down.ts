import type { CliContext } from "../context.ts";
import { UsageError } from "../errors.ts";
import { forEachItem } from "./batch.ts";
import type { Changes } from "./changes.ts";
import type { Removed } from "./copied.ts";
import { notesOf, openCopying } from "./copying.ts";
import { deleteHere, filesGone, removeHere } from "./delete_here.ts";
import { refuseTooMany } from "./delete_others.ts";
import { fetchAll, type Fetching } from "./fetch_files.ts";
import { copyThenRemove, followChanges } from "./follow_changes.ts";
import { LocalTarget } from "./local_target.ts";
import type { SyncFlags } from "./sync_flags.ts";
import { formatTransfer } from "./transfer_text.ts";
import { changedBelow, downloadsBelow, planTrees, type ServerTree } from "./tree_downloads.ts";
import { readTreeFlags, type TreeFlags } from "./tree_flags.ts";
import { noteUnreadable } from "./unreadable.ts";
import { watchServer } from "./watch_server.ts";

/** Of more changes, all is compared: that takes no longer than to ask for each. */
const MAX_ASKED = 256;

/** Keeps a directory here like the one on a server, until it is interrupted. */
export async function watchDown(
  context: CliContext,
  flags: SyncFlags & TreeFlags,
  from: string,
  directory: string,
): Promise<void> {
  using interruption = context.interruption();
  const { signal } = interruption;
  const notes = notesOf(context);
  const options = await readTreeFlags(flags, context, signal);
  if (options.dryRun) throw new UsageError("--dry-run does not go with --watch");
  const [tree] = planTrees([from], directory, options.names);
  if (tree === undefined) return;
  await using fetching = await openCopying(flags, { context, options, signal, notes });
  // Before the first look, so that nothing is missed.
  using watch = await watchServer(fetching.client, tree.name, signal);
  await followChanges(
    fetching,
    watch,
    (changes, isFirst) => fetchChanges({ ...fetching, quiet: !isFirst }, tree, changes),
  );
}

/** Copies what has changed, and removes here what is gone, if that is wanted. */
async function fetchChanges(
  fetching: Fetching,
  tree: ServerTree,
  { names }: Changes,
): Promise<unknown[]> {
  const { client, options, signal, notes } = fetching;
  const unreadable = noteUnreadable((text) => notes.note(text));
  if (names === undefined || names.length > MAX_ASKED) {
    const all = downloadsBelow(client, [tree], options, signal, unreadable.note);
    const results = await fetchAll(fetching, all);
    unreadable.check();
    return options.deletes ? [...results, ...await deleteHere(fetching, [tree])] : results;
  }
  const gone: string[] = [];
  const changed = changedBelow(client, tree, names, options, signal, {
    onGone: (name) => gone.push(name),
    onUnreadable: unreadable.note,
  });
  return await copyThenRemove(
    () => fetchAll(fetching, changed),
    async () => options.deletes ? await removeGone(fetching, tree, gone) : [],
  );
}

/** Removes here what was removed on the server. */
async function removeGone(
  fetching: Fetching,
  tree: ServerTree,
  gone: readonly string[],
): Promise<Removed[]> {
  const { context: { output }, options: { maxDelete } } = fetching;
  const target = await LocalTarget.open(tree.base);
  const doomed: { name: string; problem?: unknown }[] = [];
  for (const name of gone) {
    try {
      for await (const path of filesGone(fetching, tree, target, name)) doomed.push({ name: path });
    } catch (problem) {
      doomed.push({ name, problem });
    }
  }
  refuseTooMany(doomed.length, maxDelete);
  return await forEachItem(doomed, output, async ({ name: path, problem }) => {
    if (problem !== undefined) throw problem;
    await removeHere(path, false, tree.base);
    return { path, removed: true as const };
  }, { onDone: (result: Removed) => output.line(formatTransfer(result)) });
}
