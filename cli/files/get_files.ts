import { resolve } from "node:path";
import {
  type Client,
  type FileInfo,
  type KeptPart,
  type OverwritePolicy,
  parseFileName,
} from "../../client/mod.ts";
import {
  fileError,
  FileExistsError,
  makeDirectories,
  removeEmptyDirectories,
  RESUMABLE_SIZE,
} from "../../transfer/mod.ts";
import { isPattern } from "../../base/name_pattern.ts";
import type { CliContext } from "../context.ts";
import { DeletionRefusedError, UsageError } from "../errors.ts";
import { forEachItem, type Place } from "./batch.ts";
import { openClient, TRANSFER_RETRY_MS, type TransferFlags } from "./connection_flags.ts";
import {
  type Copied,
  entryOfDirectory,
  type Removed,
  withDecodedName,
  wouldMove,
} from "./copied.ts";
import { findOthers } from "./delete_others.ts";
import { isStandardOutput } from "./dash.ts";
import { type Download, planDownloads } from "./downloads.ts";
import { expandNames } from "./expand_names.ts";
import { filesBelow, localBelow } from "./local_tree.ts";
import type { NameMapping } from "./name_mapping.ts";
import { openOutput } from "./pipes.ts";
import { Progress } from "./progress.ts";
import { sideBySide } from "./side_by_side.ts";
import {
  formatImpossible,
  formatKept,
  formatLimits,
  formatPlace,
  formatTransfer,
} from "./transfer_text.ts";
import {
  downloadsBelow,
  listBelow,
  planTrees,
  relativeOf,
  type ServerTree,
  type TreeDownload,
} from "./tree_downloads.ts";
import { readTreeFlags, type TreeFlags, type TreeOptions } from "./tree_flags.ts";
import { areSame, lookHere, lookThere, type Skipped } from "./unchanged.ts";
import { noteUnreadable } from "./unreadable.ts";

/** What `get` takes. */
export interface GetFlags extends TransferFlags, TreeFlags {
  output?: string;
  recursive: boolean;
  overwrite: OverwritePolicy;
  resume: boolean;
  verbose: boolean;
  json: boolean;
}

/** Up to this size, in bytes, several files are fetched at once. */
const LIGHT_SIZE = 1024 * 1024;

/** What the downloads of one command share. */
interface Fetching {
  client: Client;
  options: TreeOptions;
  resume: boolean;
  signal: AbortSignal;
  note: (text: string) => void;
}

/** Copies files and directories from a server, as `get` was told. */
export async function getFiles(
  context: CliContext,
  flags: GetFlags,
  names: readonly string[],
): Promise<void> {
  const { output, stderr } = context;
  let bar: Progress | undefined;
  const note = (text: string) => {
    bar?.[Symbol.dispose](); // off its line
    output.note(text);
  };
  const options = await readTreeFlags(flags);
  const { recursive, resume } = flags;
  refuseFlags(flags, names);
  const mapping = options.names;
  const trees = recursive ? planTrees(names, flags.output, mapping) : [];
  for (const { name } of trees) if (name !== "") parseFileName(name);
  const plain = recursive
    ? []
    : await planDownloads(names.map((name) => typedName(name, mapping)), flags.output, mapping);
  const toOutput = flags.output !== undefined && isStandardOutput(flags.output);
  using interruption = context.interruption();
  const { signal } = interruption;
  await using client = await openClient(flags, context, signal, {
    retryForMs: TRANSFER_RETRY_MS,
    note,
  });
  const unreadable = noteUnreadable(note);
  const [first] = plain;
  using pipe = first?.pipe && !options.dryRun ? await openOutput(first.path) : undefined;
  const fetching = { client, options, resume, signal, note };
  const run = async (download: TreeDownload, place: Place): Promise<Copied> => {
    if (download.problem !== undefined) throw download.problem;
    download.check?.();
    if (download.info?.directory) {
      return withDecodedName(await getDirectory(fetching, download), mapping);
    }
    using progress = isLight(download) ? undefined : new Progress(download.name, undefined, {
      place: formatPlace(place),
      terminal: stderr,
      sink: stderr.sink,
      limit: flags.limitRate,
    });
    if (progress !== undefined) bar = progress;
    if (pipe !== undefined) {
      const take = (bytes: Uint8Array) => pipe.write(bytes);
      // On a terminal it would be drawn into what is shown.
      const shown = context.stdout.interactive ? undefined : progress;
      const onProgress = (bytes: number, total: number) => shown?.update(bytes, total);
      const { name, path } = download;
      const result = await client.getStream(name, take, { signal, onProgress });
      return withDecodedName({ ...result, path }, mapping);
    }
    return withDecodedName(await getOne(fetching, download, progress), mapping);
  };
  const onDone = (result: Copied) => {
    const say = (text: string) => toOutput ? note(text.trim()) : output.line(text);
    if (!toOutput || flags.dryRun) say(formatTransfer(result));
    if (flags.verbose) say(formatLimits(result, "received"));
    const impossible = mapping.impossible(result.name);
    if (impossible !== undefined) note(formatImpossible(result.name, impossible));
  };
  const downloads: Iterable<TreeDownload> | AsyncIterable<TreeDownload> = recursive
    ? downloadsBelow(client, trees, options, signal, unreadable.note)
    : expanded(client, plain, flags.output, mapping, signal, unreadable.note);
  const keep = output.json;
  const results: (Copied | Removed)[] = await forEachItem(downloads, output, run, {
    onDone,
    isLight,
    keep,
    ...(mayFetchTogether(options) ? { runLight: fetchTogether(fetching) } : {}),
  });
  unreadable.check();
  if (options.deletes) {
    for (const tree of trees) results.push(...await deleteOthers(context, fetching, tree));
  }
  output.result(results);
}

function refuseFlags(flags: GetFlags, names: readonly string[]): void {
  if (flags.output !== undefined && isStandardOutput(flags.output)) {
    if (flags.recursive) throw new UsageError("-r copies to a directory, not to standard output");
    if (flags.json) {
      throw new UsageError("Standard output takes the file or the JSON value, not both");
    }
  }
  const trees = ["delete", "exclude", "filesFrom"] as const;
  if (!flags.recursive && trees.some((name) => flags[name])) {
    throw new UsageError("--exclude, --files-from and --delete are for directories: get -r");
  }
  if (flags.filesFrom !== undefined && names.length !== 1) {
    throw new UsageError("--files-from names files of one directory, which is to be given");
  }
}

/** Patterns stand for the files that they match. */
async function* expanded(
  client: Client,
  plain: readonly Download[],
  output: string | undefined,
  mapping: NameMapping,
  signal: AbortSignal,
  onUnreadable: (directory: string) => void,
): AsyncGenerator<TreeDownload> {
  for (const download of plain) {
    if (!isPattern(download.name)) {
      yield download;
      continue;
    }
    const { name } = download;
    const found: string[] = [];
    for await (
      const { name: match, problem } of expandNames(client, [name], signal, onUnreadable)
    ) {
      if (problem === undefined) found.push(match);
      else yield { ...download, problem };
    }
    if (download.pipe) yield* found.map((name) => ({ ...download, name }));
    else if (found.length > 0) yield* await planDownloads(found, `${output ?? "."}/`, mapping);
  }
}

/** Patterns stay what they are: their characters are in no name. */
function typedName(name: string, mapping: NameMapping): string {
  return isPattern(name) ? name : mapping.typed(name);
}

function isLight({ info }: TreeDownload): boolean {
  return info !== undefined && !info.directory && info.size <= LIGHT_SIZE;
}

/** Whether small files can be asked for together: what is to be known of each is known without asking. */
function mayFetchTogether({ dryRun, compare }: TreeOptions): boolean {
  return !dryRun && compare !== "checksum";
}

/** Fetches small files together, but for those that are here already. */
function fetchTogether({ client, options, signal }: Fetching) {
  const { overwrite, compare } = options;
  const { server } = client;
  async function* decided(downloads: AsyncIterable<TreeDownload>) {
    for await (const download of downloads) {
      const { name, path, info } = download;
      let skipped: Skipped | undefined;
      let { problem } = download;
      try {
        download.check?.();
        const here = compare === undefined ? undefined : await lookHere(path);
        if (await areSame(client, here, info, compare, signal)) {
          skipped = { name, path: resolve(path), bytes: here?.size ?? 0, skipped: true, server };
        }
      } catch (error) {
        problem ??= error;
      }
      // What has a problem is not fetched, and comes out in its turn.
      yield { name, path, size: info?.size, problem: problem ?? skipped, download, skipped };
    }
  }
  return async function* (downloads: AsyncIterable<TreeDownload>) {
    for await (const outcome of client.getMany(decided(downloads), { overwrite, signal })) {
      const { file: { download, skipped } } = outcome;
      const result = skipped ?? ("result" in outcome ? outcome.result : undefined);
      if (result === undefined) yield { ...outcome, file: download };
      else yield { file: download, result: withDecodedName(result, options.names) };
    }
  };
}

/** Copies one file, unless it need not be. */
async function getOne(
  { client, options, resume, signal, note }: Fetching,
  { name, path, info }: TreeDownload,
  progress: Progress | undefined,
): Promise<Copied> {
  const { overwrite, compare, dryRun } = options;
  const { server } = client;
  if (compare !== undefined || dryRun) {
    const here = await lookHere(path);
    const there = info ?? (here === undefined ? undefined : await lookThere(client, name, signal));
    if (await areSame(client, here, there, compare, signal)) {
      return { name, path: resolve(path), bytes: here?.size ?? 0, skipped: true, server };
    }
    if (dryRun && here !== undefined && overwrite === "never") {
      throw new FileExistsError(`Cannot store "${path}": a file is there already`);
    }
    if (dryRun) {
      const { size } = there ?? await client.stat(name, { signal });
      return wouldMove({ name, path: resolve(path), bytes: size, server });
    }
  }
  let kept: KeptPart | undefined;
  try {
    return await client.get(name, path, {
      overwrite,
      // Of what is too small to be gone on with, no part is looked for: that reads the whole directory.
      resume: resume && (info === undefined || info.size >= RESUMABLE_SIZE),
      signal,
      onProgress: (bytes, total) => progress?.update(bytes, total),
      onKept: (part) => kept = part,
    });
  } catch (error) {
    if (kept !== undefined) note(formatKept(name, kept));
    throw error;
  }
}

/** Makes a directory here that is empty there. */
async function getDirectory(
  { client, options: { dryRun } }: Fetching,
  { name, path }: TreeDownload,
): Promise<Copied> {
  const { server } = client;
  try {
    const isThere = (await lookAt(path))?.isDirectory === true;
    if (dryRun) return { ...entryOfDirectory(name, !isThere, server), path, planned: true };
    await makeDirectories(path);
    return { ...entryOfDirectory(name, !isThere, server), path };
  } catch (cause) {
    throw fileError(cause, `Cannot make the directory "${path}"`);
  }
}

async function lookAt(path: string): Promise<Deno.FileInfo | undefined> {
  try {
    return await Deno.lstat(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}

/** Removes here what is not on the server, in a directory that was copied. */
async function deleteOthers(
  { output }: CliContext,
  { client, options, signal }: Fetching,
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
      problem !== undefined || isPart(name) ||
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

/** Whether a file is what an interrupted download has left, to go on with. */
function isPart(name: string): boolean {
  return /(?:^|\/)\.[^/]*\.msquicd-part$/.test(name);
}

/** Removes a file, or an empty directory, and the directories that thereby become empty, up to `base`. */
async function removeHere(path: string, directory: boolean, base: string): Promise<void> {
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
