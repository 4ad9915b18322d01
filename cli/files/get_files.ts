import { type Client, type OverwritePolicy, parseFileName } from "../../client/mod.ts";
import { isPattern } from "../../base/name_pattern.ts";
import type { CliContext } from "../context.ts";
import { UsageError } from "../errors.ts";
import type { Copied, Removed } from "./copied.ts";
import { type CopyingFlags, notesOf, openCopying } from "./copying.ts";
import { isStandardOutput } from "./dash.ts";
import { deleteHere } from "./delete_here.ts";
import { type Download, planDownloads } from "./downloads.ts";
import { expandNames } from "./expand_names.ts";
import { fetchAll } from "./fetch_files.ts";
import type { NameMapping } from "./name_mapping.ts";
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
  const notes = notesOf(context);
  const note = (text: string) => notes.note(text);
  const options = await readTreeFlags(flags);
  const { recursive } = flags;
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
  await using fetching = await openCopying(flags, { context, options, signal, notes });
  const { client } = fetching;
  const unreadable = noteUnreadable(note);
  const [first] = plain;
  using pipe = first?.pipe && !options.dryRun ? await openOutput(first.path, signal) : undefined;
  const downloads = recursive
    ? downloadsBelow(client, trees, options, signal, unreadable.note)
    : expanded(client, plain, flags.output, mapping, signal, unreadable.note);
  const results: (Copied | Removed)[] = await fetchAll(fetching, downloads, { pipe, toOutput });
  unreadable.check();
  if (options.deletes) results.push(...await deleteHere(fetching, trees));
  context.output.result(results);
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
