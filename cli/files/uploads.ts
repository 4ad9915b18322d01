import type { Upload } from "./upload.ts";
import { basename, join, resolve } from "node:path";
import { type FileInfo, parseFileName } from "../../client/mod.ts";
import { fileError, FileNotFoundError, NotAFileError, SMALL_SIZE } from "../../transfer/mod.ts";
import { UsageError } from "../errors.ts";
import { isStandardInput } from "./dash.ts";
import {
  type Branch,
  failed,
  filesBelow,
  type LeftOut,
  lookAt,
  REPLACEMENT,
  unreadable,
} from "./local_tree.ts";
import type { NameFilter } from "./name_filter.ts";
import { encodedTooLong, type NameMapping, PLAIN_NAMES } from "./name_mapping.ts";
import { sideBySide } from "./side_by_side.ts";

/** What `put` was told to copy. */
export interface UploadPlan {
  /** How many of the paths can be copied, as far as they were looked at. */
  usable: number;
  /** How many paths there are. */
  starts: number;
  /** The directories among them. */
  trees: readonly Branch[];
  /** Those that can be read once, from the beginning: standard input, and pipes. */
  pipes: readonly string[];
  /**
   * Every file, every directory with nothing in it, and what cannot be copied, found as it is asked for.
   *
   * @param list Lists what is there already, with which each is compared.
   */
  uploads(list?: ListBelow): AsyncIterable<Upload>;
}

/** Lists a server's files whose names begin with a text. */
export type ListBelow = (prefix: string) => AsyncIterable<FileInfo>;

/** Which part of the directories is meant. */
export interface UploadSelection {
  /** By default, all of them. */
  filter?: NameFilter | undefined;
  /** Paths below the one directory; by default, all there are. */
  listed?: readonly string[] | undefined;
  /** How names here are spelled on the server; by default as they are. */
  names?: NameMapping;
}

/** One of the paths that were named. */
interface Start extends Upload {
  isDirectory: boolean;
}

/**
 * Finds what `put` has to copy: the files named, and every file below the directories named, in the
 * order of their names. Symbolic links and special files inside of a directory are left out, saying so.
 *
 * @param to A name for the one file, or the directory on the server (with several paths, or when it ends in a slash).
 * @param note Takes a remark for the user.
 * @param signal Ends the search.
 * @param selection What of the directories is meant.
 * @throws {UsageError} Two paths would get the same name, or one has none.
 * @throws {InvalidNameError} A directory's name is not allowed.
 */
export function findUploads(
  paths: readonly string[],
  to: string | undefined,
  note: (text: string) => void,
  signal: AbortSignal,
  { filter, listed, names = PLAIN_NAMES }: UploadSelection = {},
): UploadPlan {
  const directory = to !== undefined && (paths.length > 1 || to.endsWith("/"));
  const target = to === undefined ? undefined : names.typed(to);
  const prefix = target !== undefined && directory
    ? `${target.replace(/\/+$/, "")}/`.replace(/^\/$/, "")
    : "";
  refuseUnnamed(paths, directory ? undefined : to);
  const starts = paths.map((path) => {
    const name = target === undefined || directory
      ? `${prefix}${names.entryToServer(basename(resolve(path)), prefix === "")}`
      : target;
    return lookAtStart(path, name, names);
  });
  refuseNameless(starts);
  // All that is below it would be refused for it, one by one.
  for (const { isDirectory, name } of starts) if (isDirectory) parseFileName(name);
  refuseDuplicates(starts);
  const [first] = starts;
  if (listed !== undefined && (starts.length !== 1 || first?.isDirectory !== true)) {
    throw new UsageError("--files-from names files of one directory, which is to be given");
  }
  const leftOut = { note, signal };
  const usable = starts.filter(({ problem }) => problem === undefined).length;
  const trees = starts.filter(({ isDirectory }) => isDirectory)
    .map(({ path, name }) => ({ path, name, top: name, names, ...(filter && { filter }) }));
  const sources = starts.map(({ isDirectory: _, ...upload }) =>
    trees.find(({ name }) => name === upload.name) ?? upload
  );
  return {
    usable,
    starts: starts.length,
    trees,
    pipes: starts.filter(({ pipe }) => pipe).map(({ path }) => path),
    uploads: (list) => uploadsFrom(sources, listed, leftOut, list),
  };
}

/** Whether a file is done before anybody could watch its progress, and many are to be under way at once. */
export function isLight({ size, pipe = false }: Pick<Upload, "size" | "pipe">): boolean {
  return size <= SMALL_SIZE && !pipe;
}

async function* uploadsFrom(
  starts: readonly (Branch | Upload)[],
  listed: readonly string[] | undefined,
  leftOut: LeftOut,
  list: ListBelow | undefined,
): AsyncGenerator<Upload> {
  for (const start of starts) {
    if (!("top" in start)) yield start;
    else if (listed !== undefined) yield* filesListed(start, listed, leftOut);
    else if (list === undefined) yield* filesBelow(start, leftOut);
    else yield* compared(start, leftOut, list);
  }
}

/** What is below a directory, with what is there of it already. */
async function* compared(
  branch: Branch,
  leftOut: LeftOut,
  list: ListBelow,
): AsyncGenerator<Upload> {
  for await (
    const [upload, there] of sideBySide(filesBelow(branch, leftOut), list(`${branch.name}/`))
  ) {
    if (upload !== undefined) yield { ...upload, there: there ?? "nothing" };
  }
}

/** What is named of a directory, and all that is below what is a directory itself. */
async function* filesListed(
  branch: Branch,
  listed: readonly string[],
  leftOut: LeftOut,
): AsyncGenerator<Upload> {
  for (const relative of listed) {
    const path = join(branch.path, relative);
    const { names = PLAIN_NAMES } = branch;
    const spelled = names.toServer(relative, false);
    const name = `${branch.name}/${spelled}`;
    try {
      parseFileName(spelled);
    } catch (problem) {
      yield failed(path, name, problem);
      continue;
    }
    const start = lookAtStart(path, name, names);
    if (branch.filter?.takesBelow(relative, start.isDirectory) === false) continue;
    if (start.isDirectory) yield* filesBelow({ ...branch, path, name }, leftOut);
    else yield start;
  }
}

/** What was named itself may be a symbolic link. */
function lookAtStart(path: string, name: string, { encodes }: NameMapping): Start {
  const tooLong = encodes ? encodedTooLong(name) : undefined;
  if (tooLong !== undefined) return { ...failed(path, name, tooLong), isDirectory: false };
  if (isStandardInput(path)) return { path, name, size: 0, pipe: true, isDirectory: false };
  try {
    const { isFile, isDirectory, isFifo } = Deno.statSync(path);
    if (isFifo) return { path, name, size: 0, pipe: true, isDirectory };
    if (isDirectory) return { path, name, size: 0, isDirectory };
    if (isFile) return { ...lookAt(path, name), isDirectory };
    const problem = new NotAFileError(`Cannot copy "${path}": it is not a regular file`);
    return { ...failed(path, name, problem), isDirectory };
  } catch (cause) {
    return { ...failed(path, name, whyNot(path, cause)), isDirectory: false };
  }
}

function whyNot(path: string, cause: unknown): unknown {
  const action = `Cannot copy "${path}"`;
  if (isSymbolicLink(path)) {
    return new FileNotFoundError(`${action}: it is a symbolic link that leads nowhere`, { cause });
  }
  // The runtime replaces what is no UTF-8 in arguments as well.
  const unknown = cause instanceof Deno.errors.NotFound && path.includes(REPLACEMENT);
  return unknown ? unreadable(path) : fileError(cause, action);
}

function isSymbolicLink(path: string): boolean {
  try {
    return Deno.lstatSync(path).isSymlink;
  } catch {
    return false;
  }
}

/** @param to The name that is given to the one file. */
function refuseUnnamed(paths: readonly string[], to: string | undefined): void {
  if (to !== undefined || !paths.some(isStandardInput)) return;
  throw new UsageError("Standard input has no name of its own: copy it alone, with --to NAME");
}

function refuseNameless(uploads: readonly Upload[]): void {
  const nameless = uploads.find(({ name }) => name === "" || name.endsWith("/"));
  if (nameless === undefined) return;
  throw new UsageError(`"${nameless.path}" has no name of its own: give it one with --to NAME`);
}

function refuseDuplicates(uploads: readonly Upload[]): void {
  const seen = new Map<string, string>();
  for (const { name, path } of uploads) {
    const earlier = seen.get(name);
    if (earlier !== undefined) {
      throw new UsageError(
        `"${earlier}" and "${path}" would both become "${name}" on the server; ` +
          "copy one of them by itself, with --to NAME",
      );
    }
    seen.set(name, path);
  }
}
