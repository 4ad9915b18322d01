import { basename, join, resolve } from "node:path";
import { fileError, NotAFileError, SMALL_SIZE } from "../transfer/mod.ts";
import { UsageError } from "./errors.ts";

/** A local file that is to be copied to a server. */
export interface Upload {
  path: string;
  /** Its name on the server. */
  name: string;
  size: number;
}

/**
 * Finds what `put` has to copy: the files named, and every file below the directories named, in the
 * order of their names. Symbolic links and special files inside of a directory are left out, saying so.
 *
 * @param to A name for the one file, or the directory on the server (with several paths, or when it ends in a slash).
 * @param note Takes a remark for the user.
 * @throws {FileNotFoundError} A path leads nowhere.
 * @throws {UsageError} Two files would get the same name.
 */
export async function findUploads(
  paths: readonly string[],
  to: string | undefined,
  note: (text: string) => void,
): Promise<Upload[]> {
  const directory = to !== undefined && (paths.length > 1 || to.endsWith("/"));
  const prefix = directory ? `${to.replace(/\/+$/, "")}/` : "";
  const uploads: Upload[] = [];
  for (const path of paths) {
    const name = to === undefined || directory ? `${prefix}${basename(resolve(path))}` : to;
    const info = statPath(path);
    if (info.isFile) uploads.push({ path, name, size: info.size });
    else if (info.isDirectory) uploads.push(...await findBelow(path, name, note));
    else throw new NotAFileError(`Cannot copy "${path}": it is not a regular file`);
  }
  refuseDuplicates(uploads);
  return uploads;
}

/** Whether a file is done before anybody could watch its progress, and many are to be under way at once. */
export function isLight({ size }: Upload): boolean {
  return size <= SMALL_SIZE;
}

async function findBelow(
  path: string,
  name: string,
  note: (text: string) => void,
): Promise<Upload[]> {
  const entries = await Array.fromAsync(Deno.readDir(path));
  entries.sort((a, b) => a.name < b.name ? -1 : 1);
  const uploads: Upload[] = [];
  for (const entry of entries) {
    const entryPath = join(path, entry.name);
    const entryName = `${name}/${entry.name}`;
    if (entry.isDirectory) uploads.push(...await findBelow(entryPath, entryName, note));
    else if (entry.isFile) {
      const { size } = statPath(entryPath);
      uploads.push({ path: entryPath, name: entryName, size });
    } else note(`Left out "${entryPath}": it is a symbolic link or not a regular file`);
  }
  return uploads;
}

/** On this thread: with many files, asking another one takes ten times as long. */
function statPath(path: string): Deno.FileInfo {
  try {
    return Deno.statSync(path);
  } catch (cause) {
    throw fileError(cause, `Cannot copy "${path}"`);
  }
}

function refuseDuplicates(uploads: readonly Upload[]): void {
  const seen = new Map<string, string>();
  for (const { name, path } of uploads) {
    const earlier = seen.get(name);
    if (earlier !== undefined) {
      throw new UsageError(`"${earlier}" and "${path}" would both become "${name}" on the server`);
    }
    seen.set(name, path);
  }
}
