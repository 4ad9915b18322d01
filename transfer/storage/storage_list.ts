import {
  type FileInfo,
  type FileListRequest,
  type FileListResponse,
  MAX_BODY_LENGTH,
} from "../../protocol/mod.ts";
import { isGone } from "./absence.ts";
import { storageError } from "../errors.ts";
import { FileWalk, type WalkContext } from "./file_walk.ts";
import type { Held, InodeInfo } from "./held.ts";
import { holdRoot } from "./held_root.ts";
import { Pace } from "./pace.ts";
import { fileInfo } from "./storage_files.ts";
import type { StorageRoot } from "./storage_root.ts";

const utf8 = new TextEncoder();

/** What an entry takes in an answer besides its name: the field names, two integers, and lengths. */
const ENTRY_OVERHEAD = 48;

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
  const { limit = Infinity } = request;
  const { signal, walk = walkOf(request) } = options;
  using top = holdRoot(root);
  try {
    return await fillPage(walk, limit, { top, pace: new Pace(signal) });
  } catch (cause) {
    throw storageError(cause, "Cannot list the files");
  }
}

/** A walk that has what a request asks for. */
export function walkOf({ prefix = "", after = "" }: FileListRequest): FileWalk {
  return new FileWalk({ prefix, after });
}

async function fillPage(
  walk: FileWalk,
  limit: number,
  context: WalkContext,
): Promise<FileListResponse> {
  using looker = new Looker(context.top);
  const entries: FileInfo[] = [];
  let room = MAX_BODY_LENGTH - PAGE_OVERHEAD;
  for (;;) {
    const name = await walk.peek(context);
    if (name === undefined) return { entries };
    room -= ENTRY_OVERHEAD + utf8.encode(name).length;
    const last = entries.at(-1)?.name;
    if (last !== undefined && (room < 0 || entries.length === limit)) {
      return { entries, next: last };
    }
    walk.skip();
    const info = await looker.look(name);
    if (info !== undefined) entries.push(info);
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

  /** @returns `undefined` if the file is gone, or has become something else. */
  async look(name: string): Promise<FileInfo | undefined> {
    const length = name.lastIndexOf("/") + 1;
    try {
      const held = await this.#enter(name.slice(0, length));
      const info = await this.#stat(held, name.slice(length));
      return info.kind === "file" ? fileInfo(name, info) : undefined;
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
