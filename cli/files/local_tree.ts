import { join } from "node:path";
import { statPath } from "../../ffi/mod.ts";
import { fileError } from "../../transfer/mod.ts";
import { eachOf, type Entries, entryOf, Kind, readEntries } from "./directory_entries.ts";
import { UnreadableNameError } from "../errors.ts";
import type { NameFilter } from "./name_filter.ts";
import { encodedTooLong, type NameMapping, PLAIN_NAMES } from "./name_mapping.ts";
import { isUnfinished } from "./unfinished.ts";
import type { Upload } from "./upload.ts";

/** Directory in which a server keeps what is its own, in the root of its storage. */
const SERVER_DIRECTORY = ".msquicd";

/** What stands for the bytes of a name that are no UTF-8, in all that the runtime tells of it. */
export const REPLACEMENT = "\ufffd";

/** What is not copied of a tree, and is nobody's fault. */
export interface LeftOut {
  /** Ends the search when it aborts. */
  readonly signal: AbortSignal;
  /** Is told of each link, and of what is neither a file nor a directory. */
  note(text: string): void;
}

/** One directory of a tree. */
export interface Branch {
  path: string;
  /** Its name on the server. */
  name: string;
  /** Name on the server of the whole tree. */
  top: string;
  /** What of the tree is meant, by its names here; all of it by default. */
  filter?: NameFilter;
  /** How names here are spelled on the server; by default as they are. */
  names?: NameMapping;
  /** Whether the tree is all that a server has, so that its entries are first segments of names there. */
  isAll?: boolean;
}

/**
 * Every file below a directory, and every directory with nothing in it, in the order in which servers list
 * them, found while those before are being copied: the names of the directories on the way to one file are
 * held at a time. What cannot be read is an entry with a `problem`, and costs nothing else.
 */
export async function* filesBelow(branch: Branch, leftOut: LeftOut): AsyncGenerator<Upload> {
  const { path, name, top, filter, names = PLAIN_NAMES } = branch;
  const first = branch.isAll === true && name === top;
  if (leftOut.signal.aborted) return yield failed(path, name, leftOut.signal.reason);
  let entries: Entries;
  try {
    entries = await readEntries(path, (own) => names.entryToServer(own, first));
  } catch (cause) {
    yield failed(path, name, fileError(cause, `Cannot read the directory "${path}"`));
    return;
  }
  if (entries.length === 0) yield { path, name, size: 0, directory: true };
  const served = ofServer(entries, branch);
  let previous: string | undefined;
  for (const [spelled, kind] of eachOf(entries)) {
    const own = names.entryToLocal(spelled, first);
    const entryPath = join(path, own);
    const entryName = `${name}/${spelled}`;
    const isDirectory = kind === Kind.directory;
    if (filter?.takes(localBelow(branch, entryName), isDirectory) === false) continue;
    const tooLong = own === spelled ? undefined : encodedTooLong(spelled);
    if (isUnreadable(own, entryPath, previous)) {
      yield failed(entryPath, entryName, unreadable(entryPath));
    } else if (tooLong !== undefined) {
      yield failed(entryPath, entryName, tooLong);
    } else if (isDirectory && served.includes(own)) {
      leftOut.note(`Left out "${entryPath}": it is where a server keeps what this copies to it`);
    } else if (isDirectory) {
      yield* filesBelow({ ...branch, path: entryPath, name: entryName }, leftOut);
    } else if (kind === Kind.file && isUnfinished(own)) {
      leftOut.note(`Left out "${entryPath}": it is what a get has not finished`);
    } else if (kind === Kind.file) yield lookAt(entryPath, entryName);
    else {
      const what = kind === Kind.link ? "a symbolic link" : "not a regular file";
      leftOut.note(`Left out "${entryPath}": it is ${what}`);
    }
    previous = own;
  }
}

/** What something in a tree is called here, below it. @param name On the server. */
export function localBelow(
  { top, names = PLAIN_NAMES, isAll = false }: Branch,
  name: string,
): string {
  return names.toLocal(name.slice(top.length + 1), isAll);
}

/** What is to be known of a file before it is copied; on this thread: asking another takes ten times as long. */
export function lookAt(path: string, name: string): Upload {
  // The runtime's own look takes twice as long, but tells why there is nothing to see.
  const inode = Deno.build.os === "linux" ? statPath(path) : undefined;
  if (inode !== undefined) return { path, name, size: inode.size, mtime: inode.mtime };
  try {
    const { size, mtime } = Deno.statSync(path);
    return { path, name, size, mtime: mtime?.getTime() };
  } catch (cause) {
    return failed(path, name, fileError(cause, `Cannot read "${path}"`));
  }
}

/** An entry that cannot be copied. */
export function failed(path: string, name: string, problem: unknown): Upload {
  return { path, name, size: 0, problem };
}

/**
 * In the storage of a server, its own directory, and the one that this tree would be copied to: were that
 * copied too, there would always be more of it.
 */
function ofServer(entries: Entries, { top }: Branch): string[] {
  const isStorage = entries.includes(entryOf(SERVER_DIRECTORY, Kind.directory));
  return isStorage ? [SERVER_DIRECTORY, ...top.split("/", 1)] : [];
}

/**
 * Whether an entry's name is no UTF-8. The runtime replaces what is not, so that the name it tells is
 * nothing's, or that of another entry.
 */
function isUnreadable(name: string, path: string, previous: string | undefined): boolean {
  if (!name.includes(REPLACEMENT)) return false;
  if (name === previous) return true;
  try {
    Deno.lstatSync(path);
    return false;
  } catch (error) {
    return error instanceof Deno.errors.NotFound;
  }
}

/** Its name is not one that a server could have. */
export function unreadable(path: string): UnreadableNameError {
  return new UnreadableNameError(
    `Cannot read "${path}": its name has bytes that are not UTF-8, shown as ${REPLACEMENT}; rename it`,
  );
}
