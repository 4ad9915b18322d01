import { join } from "node:path";
import {
  type FileListRequest,
  type FileListResponse,
  isFileName,
  MAX_BODY_LENGTH,
  MAX_LIST_ENTRIES,
} from "../protocol/mod.ts";
import { fileError } from "./errors.ts";
import type { StorageRoot } from "./storage_root.ts";

const utf8 = new TextEncoder();

/** What an entry takes in an answer besides its name: the field names, two integers, and lengths. */
const ENTRY_OVERHEAD = 48;

/** What an answer's body has room for besides entries: `next`, and the field names. */
const PAGE_OVERHEAD = 2048;

/** Which names are asked for. */
interface NameRange {
  prefix: string;
  after: string;
}

/**
 * Lists the stored files, a page at a time, in the order of their names' UTF-16 code units.
 *
 * Only what a client could have stored is listed: no symbolic links, no devices, no names that
 * {@linkcode parseFileName} refuses. A page is as long as asked for, or as an answer has room for. Takes
 * memory for the entries of the directories on the way to one file, not for the whole tree.
 */
export async function listFiles(
  root: StorageRoot,
  request: FileListRequest = {},
): Promise<FileListResponse> {
  const { prefix = "", after = "", limit = MAX_LIST_ENTRIES } = request;
  const response: FileListResponse = { entries: [] };
  let room = MAX_BODY_LENGTH - PAGE_OVERHEAD;
  for await (const name of walk(root.path, "", { prefix, after })) {
    room -= ENTRY_OVERHEAD + utf8.encode(name).length;
    const last = response.entries.at(-1)?.name;
    if (last !== undefined && (room < 0 || response.entries.length === limit)) {
      return { ...response, next: last };
    }
    const info = await lookAt(join(root.path, name));
    if (!info?.isFile) continue;
    response.entries.push({ name, size: info.size, mtime: info.mtime?.getTime() ?? 0 });
  }
  return response;
}

/** Names of the files below a directory, in order. */
async function* walk(directory: string, base: string, wanted: NameRange): AsyncGenerator<string> {
  for (const name of await readNames(directory, base, wanted)) {
    if (name.endsWith("/")) yield* walk(join(directory, name.slice(base.length)), name, wanted);
    else yield name;
  }
}

/** Full names of a directory's files and, with a slash at the end, directories, in the order of a walk. */
async function readNames(directory: string, base: string, wanted: NameRange): Promise<string[]> {
  const names: string[] = [];
  try {
    for await (const entry of Deno.readDir(directory)) {
      const name = base + entry.name;
      if (entry.isFile && isWanted(name, wanted) && isFileName(name)) names.push(name);
      if (entry.isDirectory && mayHold(`${name}/`, wanted) && isFileName(name)) {
        names.push(`${name}/`);
      }
    }
  } catch (cause) {
    if (!(cause instanceof Deno.errors.NotFound)) throw fileError(cause, "Cannot list the files");
  }
  // With its slash a directory sorts as the names in it do: "a-b" before "a/b" before "a0".
  return names.sort();
}

function isWanted(name: string, { prefix, after }: NameRange): boolean {
  return name > after && name.startsWith(prefix);
}

/** Whether some name that begins with `start` can be wanted. */
function mayHold(start: string, { prefix, after }: NameRange): boolean {
  const matches = start.startsWith(prefix) || prefix.startsWith(start);
  return matches && (start > after || after.startsWith(start));
}

async function lookAt(path: string): Promise<Deno.FileInfo | undefined> {
  try {
    return await Deno.lstat(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw fileError(error, "Cannot list the files");
  }
}
