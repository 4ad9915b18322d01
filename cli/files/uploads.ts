import type { Upload } from "./upload.ts";
import { basename, resolve } from "node:path";
import { parseFileName } from "../../client/mod.ts";
import { fileError, FileNotFoundError, NotAFileError, SMALL_SIZE } from "../../transfer/mod.ts";
import { UsageError } from "../errors.ts";
import { failed, filesBelow, type LeftOut, lookAt, REPLACEMENT, unreadable } from "./local_tree.ts";

/** What `put` was told to copy. */
export interface UploadPlan {
  /** How many of the paths can be copied, as far as they were looked at. */
  usable: number;
  /** Every file, or what cannot be copied, found as it is asked for. */
  uploads: AsyncIterable<Upload>;
  leftOut: LeftOut;
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
 * @throws {UsageError} Two paths would get the same name, or one has none.
 * @throws {InvalidNameError} A directory's name is not allowed.
 */
export function findUploads(
  paths: readonly string[],
  to: string | undefined,
  note: (text: string) => void,
  signal: AbortSignal,
): UploadPlan {
  const directory = to !== undefined && (paths.length > 1 || to.endsWith("/"));
  const prefix = directory ? `${to.replace(/\/+$/, "")}/`.replace(/^\/$/, "") : "";
  const starts = paths.map((path) => {
    const name = to === undefined || directory ? `${prefix}${basename(resolve(path))}` : to;
    return lookAtStart(path, name);
  });
  refuseNameless(starts);
  // All that is below it would be refused for it, one by one.
  for (const { isDirectory, name } of starts) if (isDirectory) parseFileName(name);
  refuseDuplicates(starts);
  const leftOut = { note, signal, emptyDirectories: 0 };
  const usable = starts.filter(({ problem }) => problem === undefined).length;
  return { usable, uploads: uploadsFrom(starts, leftOut), leftOut };
}

/** Whether a file is done before anybody could watch its progress, and many are to be under way at once. */
export function isLight({ size }: Upload): boolean {
  return size <= SMALL_SIZE;
}

async function* uploadsFrom(
  starts: readonly Start[],
  leftOut: LeftOut,
): AsyncGenerator<Upload> {
  for (const { isDirectory, ...upload } of starts) {
    const { path, name } = upload;
    if (isDirectory) yield* filesBelow({ path, name, top: name }, leftOut);
    else yield upload;
  }
}

/** What was named itself may be a symbolic link. */
function lookAtStart(path: string, name: string): Start {
  try {
    const { isFile, isDirectory } = Deno.statSync(path);
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
