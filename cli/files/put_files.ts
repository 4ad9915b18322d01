import {
  type Client,
  isInterruption,
  type OverwritePolicy,
  RemoteError,
} from "../../client/mod.ts";
import type { CliContext } from "../context.ts";
import { UsageError } from "../errors.ts";
import { describeError } from "../text/describe_error.ts";
import { forEachItem, type Place } from "./batch.ts";
import {
  type Copied,
  entryOfDirectory,
  type Removed,
  withDecodedName,
  wouldMove,
} from "./copied.ts";
import { type Copying, type CopyingFlags, notesOf, openCopying } from "./copying.ts";
import { findAllOthers, findOthers } from "./delete_others.ts";
import { type Branch, filesBelow, localBelow } from "./local_tree.ts";
import { refuseWithPipe } from "./pipe_flags.ts";
import { openInput } from "./pipes.ts";
import { Progress } from "./progress.ts";
import { sideBySide } from "./side_by_side.ts";
import { standingAt } from "./standing.ts";
import {
  formatChanged,
  formatLimits,
  formatPlace,
  formatResumable,
  formatTransfer,
} from "./transfer_text.ts";
import { readTreeFlags, type TreeFlags, type TreeOptions } from "./tree_flags.ts";
import { settled, storedAlready } from "./stored_already.ts";
import { areSame, lookThere, type Skipped, whyRefused } from "./unchanged.ts";
import { noteUnreadable } from "./unreadable.ts";
import type { Upload } from "./upload.ts";
import { partOf } from "./upload_part.ts";
import { findUploads, isLight, type ListBelow, type UploadPlan } from "./uploads.ts";

/** What `put` takes. */
export interface PutFlags extends CopyingFlags, TreeFlags {
  to?: string;
  overwrite: OverwritePolicy;
  quiet: boolean;
  json: boolean;
}

/** Copies files and directories to a server, as `put` was told. */
export async function putFiles(
  context: CliContext,
  flags: PutFlags,
  paths: readonly string[],
): Promise<void> {
  const { output } = context;
  using interruption = context.interruption();
  const { signal } = interruption;
  const notes = notesOf(context);
  const note = (text: string) => notes.note(text);
  const options = await readTreeFlags(flags, context, signal);
  const plan = findUploads(paths, flags.to, note, signal, options);
  for (const pipe of plan.pipes) {
    refuseWithPipe(pipe, {
      "--update": flags.update,
      "--checksum": flags.checksum,
      "--streams": flags.streams !== undefined,
    });
  }
  if (plan.usable === 0) {
    await forEachItem(plan.uploads(), output, ({ problem }) => Promise.reject(problem));
  }
  // What cannot be read is said as it is without it, and nothing is removed then.
  if (options.deletes && plan.trees.length !== plan.usable) {
    throw new UsageError("--delete goes with directories only");
  }
  await using sending = await openCopying(flags, { context, options, signal, notes });
  output.result(await sendPlan(sending, plan));
}

/** Copies what was found, and removes on the server what was not, if that is wanted. */
export async function sendPlan(
  sending: Copying,
  plan: UploadPlan,
): Promise<(Copied | Removed)[]> {
  const { context: { output, stderr }, client, options, verbose, signal, notes } = sending;
  const unreadable = noteUnreadable((text) => notes.note(text));
  const list: ListBelow = (prefix) =>
    client.list(prefix, { signal, directories: "empty", onUnreadable: unreadable.note });
  const compares = options.compare !== undefined || options.dryRun;
  const run = async (upload: Upload, place: Place): Promise<Copied> => {
    if (upload.problem !== undefined) throw upload.problem;
    if (upload.directory) {
      return withDecodedName(await putDirectory(sending, upload), options.names);
    }
    const size = upload.pipe ? undefined : upload.size;
    using progress = isLight(upload) ? undefined : new Progress(upload.name, size, {
      place: formatPlace(place),
      terminal: stderr,
      sink: stderr.sink,
      limit: sending.limit,
    });
    if (progress !== undefined) notes.bar = progress;
    return withDecodedName(await putOne(sending, upload, progress), options.names);
  };
  const uploads = plan.uploads(compares ? list : undefined);
  const runLight = maySendTogether(plan, options) ? { runLight: sendTogether(sending) } : {};
  const results: (Copied | Removed)[] = await forEachItem(uploads, output, run, {
    isLight: (upload: Upload) => !upload.directory && isLight(upload),
    onDone(result: Copied) {
      if (!output.speaks) return;
      output.line(formatTransfer(result));
      if (verbose) output.line(formatLimits(result, "sent"));
    },
    ...runLight,
  });
  if (!options.deletes) return results;
  unreadable.check();
  return [...results, ...await deleteOthers(sending, plan)];
}

/** Whether small files can go on one stream: what is to be known of each is known without asking. */
function maySendTogether({ trees, starts }: UploadPlan, options: TreeOptions): boolean {
  if (options.dryRun || options.compare === "checksum") return false;
  const listsAll = trees.length === starts && options.listed === undefined;
  return options.compare === undefined || listsAll;
}

/** Sends small files together, but for those that are there already. */
function sendTogether({ client, options, signal }: Copying) {
  const { overwrite, compare } = options;
  const { server } = client;
  async function* decided(uploads: AsyncIterable<Upload>) {
    for await (const upload of uploads) {
      const { path: source, name, size: bytes, problem, there } = upload;
      const info = there === "nothing" ? undefined : there;
      const skipped: Skipped | undefined = await areSame(client, upload, info, compare, signal)
        ? { name, bytes, skipped: true, server }
        : undefined;
      // What has a problem is not sent, and comes out in its turn.
      yield { source, name, problem: problem ?? skipped, item: upload, skipped };
    }
  }
  return (uploads: AsyncIterable<Upload>) =>
    settled(
      client.putMany(decided(uploads), { overwrite, signal }),
      options.names,
      (upload, error) => storedAlready(client, upload, error, signal),
    );
}

/** Copies one file, unless it need not be. */
async function putOne(
  { client, options, streams, resume, signal, notes }: Copying,
  upload: Upload,
  progress: Progress | undefined,
): Promise<Copied> {
  const { path, name, size: bytes } = upload;
  const { overwrite, compare, dryRun, verify } = options;
  const { server } = client;
  if (upload.pipe && !dryRun) {
    using input = await openInput(path, signal);
    const onProgress = (bytes: number) => progress?.update(bytes);
    return await client.putStream(input, name, { overwrite, signal, onProgress });
  }
  if (compare !== undefined || dryRun) {
    const there = upload.there ?? await lookThere(client, name, signal);
    const info = there === "nothing" ? undefined : there;
    const refused = dryRun ? whyRefused(overwrite, upload.mtime, info) : undefined;
    const how = refused === "file-exists" ? "checksum" : compare;
    if (!upload.pipe && await areSame(client, upload, info, how, signal)) {
      return { name, bytes, skipped: true, server };
    }
    if (refused !== undefined) throw refusal(refused, `Cannot store "${name}" on ${server}`);
    if (dryRun) return wouldMove({ name, bytes, server });
  }
  const part = resume ? await partOf(upload) : undefined;
  let sent = 0;
  try {
    const result = await client.put(path, name, {
      overwrite,
      verify,
      signal,
      onProgress: (bytes) => progress?.update(sent = bytes),
      ...(part === undefined ? {} : { part }),
      ...(streams === undefined ? {} : { streams }),
    });
    if (result.changed) notes.note(formatChanged(path));
    return result;
  } catch (error) {
    const same = await storedAlready(client, upload, error, signal);
    if (same !== undefined) return same;
    const interrupted = signal.aborted || isInterruption(error);
    if (interrupted && part !== undefined && sent > 0) notes.note(formatResumable(name));
    throw error;
  }
}

/** What a server would answer. */
function refusal(code: "file-exists" | "not-newer", action: string): RemoteError {
  const why = code === "not-newer" ? "the file there is as new or newer" : "it is there already";
  return new RemoteError(code, `${action}: ${why}`);
}

/** Makes a directory there that is empty here. */
async function putDirectory(
  { client, options: { dryRun }, signal, notes }: Copying,
  { name, there }: Upload,
): Promise<Copied> {
  const { server } = client;
  if (dryRun) {
    const isThere = there !== undefined && there !== "nothing" ||
      await hasBelow(client, name, signal);
    return { ...entryOfDirectory(name, !isThere, server), planned: true };
  }
  try {
    const made = await client.makeDirectory(name, { signal });
    return entryOfDirectory(name, made, server);
  } catch (error) {
    if (describeError(error).code !== "unknown-type") throw error;
    notes.note(
      `The empty directory "${name}" is not copied: the server is older, and keeps files only`,
    );
    return entryOfDirectory(name, false, server);
  }
}

/** Whether a server has something in a directory. */
async function hasBelow(client: Client, name: string, signal: AbortSignal): Promise<boolean> {
  const options = { signal, directories: "empty", onUnreadable: () => {} } as const;
  for await (const _ of client.list(`${name}/`, options)) return true;
  return false;
}

/** Removes on the server what is not here, in the directories that were copied. */
async function deleteOthers(
  { context: { output }, client, options, signal }: Copying,
  { trees }: UploadPlan,
): Promise<Removed[]> {
  const { dryRun, filter, maxDelete, names } = options;
  const doomed = await findAllOthers(trees, maxDelete, (tree, onUnreadable) => {
    const here = filesBelow(tree, { signal, note: () => {} });
    const there = client.list(`${tree.name}/`, { signal, directories: "empty", onUnreadable });
    return findOthers(sideBySide(here, there), (other) => {
      const below = localBelow(tree, other.name);
      const directory = other.directory === true;
      return filter?.takesBelow(below, directory) === false || isKept(tree, below, directory);
    });
  });
  const remove = async ({ name, directory }: { name: string; directory?: boolean }) => {
    if (!dryRun) await client.remove(name, { directory: directory === true, signal });
    const planned = dryRun ? { planned: true as const } : {};
    return withDecodedName({ name, removed: true as const, ...planned }, names);
  };
  const removed = await forEachItem(doomed.others, output, remove, {
    isLight: () => true,
    onDone: (result: Removed) => output.line(formatTransfer(result)),
  });
  if (dryRun) return removed;
  for (const name of doomed.emptied) {
    await client.makeDirectory(name, { signal });
  }
  return removed;
}

/**
 * Whether something stands here in the place of what the server has, although it is not copied: a link, a pipe
 * or a device; or a directory, with something in it that will be there, or is.
 */
function isKept({ path }: Branch, below: string, directory: boolean): boolean {
  const standing = standingAt(path, below);
  return standing === "uncopied" || directory && standing === "directory";
}
