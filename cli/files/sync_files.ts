import { resolve } from "node:path";
import type { CliContext } from "../context.ts";
import { UsageError } from "../errors.ts";
import { describeError } from "../text/describe_error.ts";
import type { SyncFlags } from "./sync_flags.ts";
import { formatTransfer } from "./transfer_text.ts";
import { forEachItem } from "./batch.ts";
import { type Removed, withDecodedName } from "./copied.ts";
import { type Copying, notesOf, openCopying } from "./copying.ts";
import { isStandardInput } from "./dash.ts";
import { getFiles } from "./get_files.ts";
import { putFiles, sendPlan } from "./put_files.ts";
import { removeIfThere } from "./remove_tree.ts";
import { readTreeFlags, type TreeFlags } from "./tree_flags.ts";
import { findUploads } from "./uploads.ts";
import { sortChanges } from "./changed_here.ts";
import type { Changes } from "./changes.ts";
import { refuseTooMany } from "./delete_others.ts";
import { copyThenRemove, followChanges } from "./follow_changes.ts";
import { watchDirectory } from "./watch_directory.ts";
import { watchDown } from "./watch_down.ts";

/** Makes one directory like the other, as `sync` was told. */
export async function syncFiles(
  context: CliContext,
  flags: SyncFlags,
  from: string,
  to: string,
): Promise<void> {
  const all = { ...flags, overwrite: "never", update: true } as const;
  const up = goesUp(flags, from, to);
  // A slash at its end would mean that it comes inside.
  const name = to.replace(/[/\\]+$/, "");
  if (up && isPipe(from)) {
    throw new UsageError(`"${from}" is a pipe, and sync is for directories: copy it with put`);
  }
  if (up && name === "") {
    throw new UsageError(
      `Cannot make all that the server has like "${from}": name a directory there instead of "${to}"`,
    );
  }
  if (!up && flags.watch) await watchDown(context, all, from, name || to);
  else if (!up) {
    await getFiles(context, { ...all, output: name || to, recursive: true }, [from]);
  } else if (flags.watch) await watchFiles(context, { ...all, to: name }, from);
  else await putFiles(context, { ...all, to: name }, [from]);
}

/** Whether the first of two is a directory here, and the other one on the server. @throws {UsageError} It may be both. */
function goesUp({ up, down }: SyncFlags, from: string, to: string): boolean {
  if (up && down) throw new UsageError("Give --up or --down, not both");
  if (up || down) return up;
  const here = isDirectory(from);
  if (here && isDirectory(to)) {
    throw new UsageError(
      `"${from}" and "${to}" are both directories here: say --up to make the server's "${to}" like "${from}" ` +
        `here, or --down to make "${to}" here like the server's "${from}"`,
    );
  }
  return here;
}

function isDirectory(path: string): boolean {
  return lookAt(path)?.isDirectory === true;
}

function isPipe(path: string): boolean {
  return isStandardInput(path) || lookAt(path)?.isFifo === true;
}

function lookAt(path: string): Deno.FileInfo | undefined {
  try {
    return Deno.statSync(path);
  } catch {
    return undefined; // whoever reads it says why
  }
}

/** Keeps a directory on a server like the one here, until it is interrupted. */
async function watchFiles(
  context: CliContext,
  flags: SyncFlags & TreeFlags & { to: string },
  directory: string,
): Promise<void> {
  using interruption = context.interruption();
  const { signal } = interruption;
  const notes = notesOf(context);
  const options = await readTreeFlags(flags, context, signal);
  if (options.dryRun) throw new UsageError("--dry-run does not go with --watch");
  // Before the first look, so that nothing is missed.
  using watch = watchDirectory(resolve(directory));
  await using sending = await openCopying(flags, { context, options, signal, notes });
  await followChanges(
    sending,
    watch,
    (changes) => sendChanges(sending, directory, flags.to, changes),
  );
}

/**
 * Copies what has changed, and removes on the server what is gone, if that is wanted. Where it cannot be told
 * what has, all is compared, with the care that is taken then.
 */
async function sendChanges(
  sending: Copying,
  directory: string,
  name: string,
  { names }: Changes,
): Promise<unknown[]> {
  const { options, signal, notes } = sending;
  const note = (text: string) => notes.note(text);
  const changed = names && sortChanges(directory, names);
  if (changed === undefined) {
    return await sendPlan(sending, findUploads([directory], name, note, signal, options));
  }
  const { there, gone } = changed;
  // A directory is looked into, where it is new for example, and each file in it may be told besides.
  const listed = topmost(there);
  const selection = { filter: options.filter, listed, names: options.names };
  const plan = findUploads([directory], name, note, signal, selection);
  const some = { ...options, listed, deletes: false };
  return await copyThenRemove(
    () => sendPlan({ ...sending, options: some }, plan),
    async () => options.deletes ? await removeGone(sending, name, gone) : [],
  );
}

/** Removes on the server what was removed here, but for what is excluded. */
async function removeGone(
  sending: Copying,
  name: string,
  gone: readonly string[],
): Promise<Removed[]> {
  const { context: { output }, client, options: { maxDelete, names }, signal } = sending;
  const doomed: Gone[] = [];
  for (const path of topmost(gone)) {
    for await (const one of leftThere(sending, names.typed(name), path)) doomed.push(one);
  }
  refuseTooMany(doomed.length, maxDelete);
  const remove = async ({ name, directory, problem }: Gone) => {
    if (problem !== undefined) throw problem;
    const isThere = await removeIfThere(client, name, directory === true, signal);
    const result = withDecodedName({ name, removed: true as const }, names);
    if (isThere) output.line(formatTransfer(result));
    return isThere ? result : undefined;
  };
  const removed = await forEachItem(doomed, output, remove, { isLight: () => true });
  return removed.filter((result) => result !== undefined);
}

/** What is on the server of something that is gone here. */
interface Gone {
  name: string;
  directory?: boolean;
  /** Why it cannot be told. */
  problem?: unknown;
}

/** Those paths that are not below another of them. */
function topmost(paths: readonly string[]): string[] {
  const all = new Set(paths);
  const isBelow = (path: string): boolean => {
    const above = path.slice(0, Math.max(0, path.lastIndexOf("/")));
    return above !== "" && (all.has(above) || isBelow(above));
  };
  return paths.filter((path) => !isBelow(path));
}

/**
 * All that a server has of what is gone here, be it a file or a directory, but for what is excluded.
 *
 * @param top Name of the whole tree there.
 * @param path Below the tree, by its name here.
 */
async function* leftThere(
  { client, options: { filter, names }, signal, notes }: Copying,
  top: string,
  path: string,
): AsyncGenerator<Gone> {
  const gone = `${top}/${names.toServer(path, false)}`;
  const onUnreadable = (directory: string) =>
    notes.note(`The server cannot read its directory "${directory}"`);
  let isDirectory = false;
  try {
    const below = client.list(`${gone}/`, { signal, directories: "empty", onUnreadable });
    for await (const { name, directory } of below) {
      isDirectory = true;
      const here = names.toLocal(name.slice(top.length + 1), false);
      if (filter?.takesBelow(here, directory === true) === false) continue;
      yield { name, ...(directory ? { directory } : {}) };
    }
    if (isDirectory || filter?.takesBelow(path, false) === false) return;
    const { name } = await client.stat(gone, { signal });
    yield { name };
  } catch (problem) {
    if (describeError(problem).code !== "not-found") yield { name: gone, problem };
  }
}
