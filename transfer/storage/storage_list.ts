import {
  type FileInfo,
  type FileListRequest,
  type FileListResponse,
  MAX_BODY_LENGTH,
} from "../../protocol/mod.ts";
import { isForbidden, isGone } from "./absence.ts";
import { storageError } from "../errors.ts";
import { FileWalk, type WalkContext } from "./file_walk.ts";
import type { Held, InodeInfo } from "./held.ts";
import { holdRoot } from "./held_root.ts";
import { Pace } from "./pace.ts";
import { fileInfo } from "./storage_files.ts";
import type { StorageRoot } from "./storage_root.ts";

const utf8 = new TextEncoder();

/** What an entry takes in an answer besides its name: the field names, three integers, and lengths. */
const ENTRY_OVERHEAD = 64;

/** What an answer's body has room for besides entries: `next`, and the field names. */
const PAGE_OVERHEAD = 2048;

/** A look at a file that takes longer, in milliseconds, has waited for the disk. */
const SLOW_MS = 1;

/** How {@linkcode listFiles} goes about it. */
export interface ListOptions {
  /** Gives up, with the signal's reason. */
  signal?: AbortSignal;
  /** Goes on with a walk whose names are behind `after`; by default it begins one. */
  walk?: FileWalk;
}

/**
 * Lists the stored files, a page at a time, in the order of their names' UTF-16 code units.
 *
 * Only what a client could have stored is listed: no symbolic links, no devices, no names that
 * {@linkcode parseFileName} refuses. A page is as long as asked for, or as an answer has room for. Takes
 * memory for the entries of the directories on the way to one file, not for the whole tree.
 *
 * @throws {FileNotFoundError | FilePermissionError}
 */
export async function listFiles(
  root: StorageRoot,
  request: FileListRequest = {},
  options: ListOptions = {},
): Promise<FileListResponse> {
  const { signal, walk = walkOf(request) } = options;
  using top = holdRoot(root);
  try {
    return await fillPage(walk, request, { top, pace: new Pace(signal) });
  } catch (cause) {
    throw storageError(cause, "Cannot list the files");
  }
}

/** A walk that has what a request asks for. */
export function walkOf({ prefix = "", after = "", directories }: FileListRequest): FileWalk {
  return new FileWalk({ prefix, after, directories });
}

async function fillPage(
  walk: FileWalk,
  { limit = Infinity, after = "", partial = false }: FileListRequest,
  context: WalkContext,
): Promise<FileListResponse> {
  using looker = new Looker(context.top);
  const entries: FileInfo[] = [];
  const unreadable: string[] = [];
  let room = MAX_BODY_LENGTH - PAGE_OVERHEAD;
  let last: string | undefined;
  /** @param name With a slash: behind it the next page goes on, with what is in it passed over. */
  function tell(name: string): void {
    // Told on the page before, which ended there.
    if (name <= after || unreadable.at(-1) === name.slice(0, -1)) return;
    room -= ENTRY_OVERHEAD + utf8.encode(name).length;
    unreadable.push(name.slice(0, -1));
    last = name;
  }
  const telling = partial ? { ...context, onUnreadable: tell } : context;
  const page = () => unreadable.length === 0 ? { entries } : { entries, unreadable };
  for (;;) {
    const name = await walk.peek(telling);
    if (name === undefined) return page();
    room -= ENTRY_OVERHEAD + utf8.encode(name).length;
    if (last !== undefined && (room < 0 || entries.length === limit)) {
      return { ...page(), next: last };
    }
    walk.skip();
    const info = await look(looker, name, partial ? tell : undefined);
    if (info === undefined) continue;
    entries.push(info);
    last = name;
  }
}

/** @param onUnreadable Takes the directory that a file is in which may not be looked at, with a slash. */
async function look(
  looker: Looker,
  name: string,
  onUnreadable: ((directory: string) => void) | undefined,
): Promise<FileInfo | undefined> {
  try {
    return await looker.look(name);
  } catch (error) {
    const directory = name.slice(0, name.lastIndexOf("/", name.length - 2) + 1);
    if (onUnreadable === undefined || directory === "" || !isForbidden(error)) throw error;
    onUnreadable(directory);
    return undefined;
  }
}

/** Looks at one file after the other, and holds the directory that the last one was in. */
class Looker implements Disposable {
  readonly #top: Held;
  /** With a slash at the end; `undefined`: it is gone. */
  #directory: string | undefined = "";
  #held: Held | undefined;
  #slow = false;

  constructor(top: Held) {
    this.#top = top;
  }

  /**
   * @param name Of a file, or, with a slash at its end, of a directory.
   * @returns `undefined` if it is gone, or has become something else.
   */
  async look(name: string): Promise<FileInfo | undefined> {
    const isDirectory = name.endsWith("/");
    const path = isDirectory ? name.slice(0, -1) : name;
    const length = path.lastIndexOf("/") + 1;
    try {
      const held = await this.#enter(path.slice(0, length));
      const info = await this.#stat(held, path.slice(length));
      if (info.kind !== (isDirectory ? "directory" : "file")) return undefined;
      const told = fileInfo(path, info);
      return isDirectory ? { ...told, size: 0, directory: true } : told;
    } catch (error) {
      if (isGone(error)) return undefined;
      throw error;
    }
  }

  [Symbol.dispose](): void {
    this.#held?.[Symbol.dispose]();
    this.#held = undefined;
  }

  async #enter(directory: string): Promise<Held> {
    if (directory !== this.#directory) {
      this[Symbol.dispose]();
      this.#directory = undefined;
      if (directory !== "") {
        this.#held = await this.#top.openBelowLater(directory.slice(0, -1), "directory");
      }
      this.#directory = directory;
    }
    return this.#held ?? this.#top;
  }

  /** On this thread, unless that turns out to take long: then the disk has to be asked for each of them. */
  async #stat(held: Held, name: string): Promise<InodeInfo> {
    if (this.#slow) return await held.statEntryLater(name);
    const before = performance.now();
    const info = held.statEntry(name);
    this.#slow = performance.now() - before > SLOW_MS;
    return info;
  }
}
