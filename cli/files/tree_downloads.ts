import { join, resolve } from "node:path";
import type { Client, FileInfo } from "../../client/mod.ts";
import { UsageError } from "../errors.ts";
import { describeError } from "../text/describe_error.ts";
import { type Download, ownName } from "./downloads.ts";
import { LocalTarget } from "./local_target.ts";
import { type NameMapping, PLAIN_NAMES } from "./name_mapping.ts";
import type { TreeOptions } from "./tree_flags.ts";

/** A directory on a server, and where what is in it is written to. */
export interface ServerTree {
  /** Without a slash at its end; empty for all that the server has. */
  name: string;
  /** Absolute path of the directory here. */
  base: string;
}

/** A file of a tree, or a directory with nothing in it. */
export interface TreeDownload extends Download {
  /** What the server has told of it; `undefined` where it was not asked. */
  info?: FileInfo;
  /** Checks that it lands below the directory here. */
  check?: () => void;
  problem?: unknown;
}

/**
 * Decides where `get -r` writes to: what is in the directory NAME to `output` itself, or to `output/NAME` if
 * that ends with a slash or there are several names; by default to NAME here.
 *
 * @throws {UsageError} Two directories would be written to one.
 */
export function planTrees(
  names: readonly string[],
  output: string | undefined,
  mapping: NameMapping = PLAIN_NAMES,
): ServerTree[] {
  const into = output === undefined || names.length > 1 || /[/\\]$/.test(output);
  const trees = names.map((typed) => {
    const name = typed === "/" || typed === "." ? "" : mapping.typed(typed).replace(/\/$/, "");
    const own = name === "" ? "" : ownName(name, mapping);
    return { name, base: resolve(into ? join(output ?? ".", own) : output) };
  });
  const bases = trees.map(({ base }) => base);
  const twice = bases.find((base, index) => bases.indexOf(base) !== index);
  if (twice === undefined) return trees;
  throw new UsageError(
    `Two directories would both be written to "${twice}"; fetch one of them by itself, with -o PATH`,
  );
}

/** What is below directories on a server, or of the same name, found as it is asked for. */
export async function* downloadsBelow(
  client: Client,
  trees: readonly ServerTree[],
  { filter, listed, names }: Pick<TreeOptions, "filter" | "listed" | "names">,
  signal: AbortSignal,
  onUnreadable: (directory: string) => void,
): AsyncGenerator<TreeDownload> {
  for (const tree of trees) {
    const target = await LocalTarget.open(tree.base);
    if (listed !== undefined) {
      for (const typed of listed) {
        const name = relativeOf(tree, names.typed(`${prefixOf(tree)}${typed}`));
        yield download(tree, target, name, names);
      }
      continue;
    }
    let found = false;
    for await (const entry of listBelow(client, tree, signal, onUnreadable)) {
      found = true;
      yield* downloadOf(entry, tree, target, { filter, names });
    }
    if (!found && tree.name !== "") yield await fileItself(client, tree, signal);
  }
}

/** What becomes of names under which there is no file any more, and of what cannot be read. */
export interface ChangedNotes {
  /** Takes a name below the tree, on the server, which nothing has there. */
  onGone(relative: string): void;
  onUnreadable: (directory: string) => void;
}

/** Of names below a tree that something has happened to, what is there now: files, or all that is in a directory. */
export async function* changedBelow(
  client: Client,
  tree: ServerTree,
  changed: readonly string[],
  options: Meant,
  signal: AbortSignal,
  { onGone, onUnreadable }: ChangedNotes,
): AsyncGenerator<TreeDownload> {
  const target = await LocalTarget.open(tree.base);
  for (const relative of changed) {
    const name = `${prefixOf(tree)}${relative}`;
    try {
      yield* downloadOf(await client.stat(name, { signal }), tree, target, options);
      continue;
    } catch (problem) {
      signal.throwIfAborted();
      const { code } = describeError(problem);
      if (code === "not-found" || code === "not-a-directory") {
        onGone(relative);
        continue;
      }
      if (code !== "is-a-directory") {
        yield { ...download(tree, target, relative, options.names), problem };
        continue;
      }
    }
    const below = client.list(`${name}/`, { signal, directories: "empty", onUnreadable });
    for await (const entry of below) yield* downloadOf(entry, tree, target, options);
  }
}

/** What is no directory is a file, or nothing. */
async function fileItself(
  client: Client,
  { name, base: path }: ServerTree,
  signal: AbortSignal,
): Promise<TreeDownload> {
  try {
    return { name, path, info: await client.stat(name, { signal }) };
  } catch (problem) {
    signal.throwIfAborted();
    return { name, path, problem };
  }
}

/** Lists what is below a directory, in the order of the names. */
export function listBelow(
  client: Client,
  tree: ServerTree,
  signal: AbortSignal,
  onUnreadable: (directory: string) => void,
): AsyncIterable<FileInfo> {
  return client.list(prefixOf(tree), { signal, directories: "empty", onUnreadable });
}

/** The name of something below a tree, which is empty for the tree itself. */
export function relativeOf(tree: ServerTree, name: string): string {
  return name.slice(prefixOf(tree).length);
}

/** What something below a tree is called here. @param relative Its name below the tree there. */
export function localRelative(tree: ServerTree, relative: string, names: NameMapping): string {
  return names.toLocal(relative, tree.name === "");
}

/** Which entries are meant, and what they are called here. */
type Meant = Pick<TreeOptions, "filter" | "names">;

/** An entry that a server has below a tree, if it is meant. */
function downloadOf(
  entry: FileInfo,
  tree: ServerTree,
  target: LocalTarget,
  { filter, names }: Meant,
): TreeDownload[] {
  const relative = relativeOf(tree, entry.name);
  const here = localRelative(tree, relative, names);
  const isMeant = filter?.takesBelow(here, entry.directory === true) !== false;
  return isMeant ? [download(tree, target, relative, names, entry)] : [];
}

function prefixOf({ name }: ServerTree): string {
  return name === "" ? "" : `${name}/`;
}

function download(
  tree: ServerTree,
  target: LocalTarget,
  relative: string,
  names: NameMapping,
  info?: FileInfo,
): TreeDownload {
  const name = relative === "" ? tree.name : `${prefixOf(tree)}${relative}`;
  const here = localRelative(tree, relative, names);
  return {
    name,
    path: target.pathOf(here),
    ...(info && { info }),
    check: () => target.check(here),
  };
}
