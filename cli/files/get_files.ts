import { type OverwritePolicy, parseFileName } from "../../client/mod.ts";
import { isPattern } from "../../base/name_pattern.ts";
import type { CliContext } from "../context.ts";
import { UsageError } from "../errors.ts";
import type { Copied, Removed } from "./copied.ts";
import { type CopyingFlags, notesOf, openCopying } from "./copying.ts";
import { isStandardOutput } from "./dash.ts";
import { deleteHere } from "./delete_here.ts";
import { chooseDestination, type Destination, planDownloads } from "./downloads.ts";
import { expandNames, type Named } from "./expand_names.ts";
import { fetchAll } from "./fetch_files.ts";
import type { NameMapping } from "./name_mapping.ts";
import { refuseWithPipe } from "./pipe_flags.ts";
import { openOutput } from "./pipes.ts";
import { downloadsBelow, planTrees, type TreeDownload } from "./tree_downloads.ts";
import { readTreeFlags, type TreeFlags } from "./tree_flags.ts";
import { noteUnreadable } from "./unreadable.ts";

/** What `get` takes. */
export interface GetFlags extends CopyingFlags, TreeFlags {
  output?: string;
  recursive: boolean;
  overwrite: OverwritePolicy;
  quiet: boolean;
  json: boolean;
}

/** Copies files and directories from a server, as `get` was told. */
export async function getFiles(
  context: CliContext,
  flags: GetFlags,
  names: readonly string[],
): Promise<void> {
  using interruption = context.interruption();
  const { signal } = interruption;
  const notes = notesOf(context);
  const note = (text: string) => notes.note(text);
  refuseFlags(flags, names);
  const options = await readTreeFlags(flags, context, signal);
  const { recursive } = flags;
  const mapping = options.names;
  const trees = recursive ? planTrees(names, flags.output, mapping) : [];
  for (const { name } of trees) if (name !== "") parseFileName(name);
  const typed = recursive ? [] : names.map((name) => typedName(name, mapping));
  const several = names.length > 1 || names.some(isPattern);
  const destination = recursive ? undefined : await chooseDestination(flags.output, several);
  if (destination?.kind === "pipe") {
    refuseWithPipe(destination.path, {
      "--update": flags.update,
      "--checksum": flags.checksum,
      "--overwrite newer": flags.overwrite === "newer",
      "--streams": flags.streams !== undefined,
    });
  }
  // What is wrong already is said before anything is connected.
  if (destination !== undefined) {
    planDownloads(typed.filter((name) => !isPattern(name)), destination, mapping);
  }
  const toOutput = flags.output !== undefined && isStandardOutput(flags.output);
  await using fetching = await openCopying(flags, { context, options, signal, notes });
  const { client } = fetching;
  const unreadable = noteUnreadable(note);
  using pipe = destination?.kind === "pipe" && !options.dryRun
    ? await openOutput(destination.path, signal)
    : undefined;
  const downloads = destination === undefined
    ? downloadsBelow(client, trees, options, signal, unreadable.note)
    : expanded(expandNames(client, typed, signal, unreadable.note), destination, mapping);
  const results: (Copied | Removed)[] = await fetchAll(fetching, downloads, { pipe, toOutput });
  unreadable.check();
  const removed = options.deletes ? await deleteHere(fetching, trees) : [];
  context.output.result([...results, ...removed]);
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

/** Where the files are written to that are meant; all are found before the first is, as two may collide. */
async function* expanded(
  found: AsyncIterable<Named>,
  destination: Destination,
  mapping: NameMapping,
): AsyncGenerator<TreeDownload> {
  const names: string[] = [];
  const failed: TreeDownload[] = [];
  for await (const { name, problem } of found) {
    if (problem === undefined) names.push(name);
    else failed.push({ name, path: destination.path, problem });
  }
  yield* planDownloads(names, destination, mapping);
  yield* failed;
}

/** Patterns stay what they are: their characters are in no name. */
function typedName(name: string, mapping: NameMapping): string {
  return isPattern(name) ? name : mapping.typed(name);
}
