import type { DirectoryEntry } from "../../ffi/files/directory_entries_linux.ts";
import { isNameSegment } from "../../protocol/file_name.ts";
import { MAX_NAME_LENGTH } from "../../protocol/limits.ts";
import type { ListedDirectories } from "../../protocol/file_bodies.ts";
import { isForbidden, isGone, isMissing } from "./absence.ts";
import type { Held } from "./held.ts";
import {
  type NameRange,
  onlyDirectory,
  rangeBelow,
  wantsDirectory,
  wantsFile,
} from "./name_range.ts";
import type { Pace } from "./pace.ts";
import { readDirectory } from "./read_directory.ts";
import { SortedNames } from "./sorted_names.ts";

/** Names that a walk holds, up to twice as many while it reads, and a hundredth for each further level. */
const ROOM = 100_000;

const utf8 = new TextEncoder();

/** A directory that is being walked through. */
interface Level {
  /** Its name with a slash at the end; empty for the topmost. */
  readonly name: string;
  readonly range: NameRange;
  names: SortedNames;
  /** Whether it is to be told that it has nothing in it: it has not, and is wanted itself. */
  empty: boolean;
}

/** What a walk goes through. */
export interface WalkRange extends NameRange {
  /** Which directories are met like files, with a slash at the end of their names; none by default. */
  readonly directories?: ListedDirectories | undefined;
}

/** Where a walk takes place, and how fast. */
export interface WalkContext {
  readonly top: Held;
  readonly pace: Pace;
  /** Takes the name, with a slash, of a directory that cannot be read; by default that ends the walk. */
  readonly onUnreadable?: ((directory: string) => void) | undefined;
}

/**
 * A walk through the names of the files below a directory, in the order of their UTF-16 code units. It can
 * be interrupted and go on later: it holds nothing but names, of the directories on the way to one file.
 * Of a directory with more entries than there is room for, it reads them again when it has used up those
 * it has.
 */
export class FileWalk {
  readonly #range: WalkRange;
  readonly #room: number;
  #levels: Level[] | undefined;
  #next: string | undefined;

  constructor(range: WalkRange, room = ROOM) {
    this.#range = range;
    this.#room = room;
  }

  /** How many names it holds. */
  get held(): number {
    return (this.#levels ?? []).reduce((sum, { names }) => sum + names.count, 0);
  }

  /**
   * The next file's name, which {@linkcode skip} passes over, or that of a directory, with a slash, if
   * some are wanted; `undefined` if there is none.
   *
   * @throws An error with the operating system's code: a directory cannot be read.
   */
  async peek(context: WalkContext): Promise<string | undefined> {
    this.#levels ??= [await this.#read(context, "", this.#range)];
    while (this.#next === undefined) {
      const level = this.#levels.at(-1);
      if (level === undefined) return undefined;
      const name = level.names.take();
      if (name === undefined) {
        await this.#readOn(context, level);
      } else if (name.endsWith("/") && this.#isEntered(level.name + name)) {
        this.#levels.push(
          await this.#read(context, level.name + name, rangeBelow(name, level.range)),
        );
      } else if (!name.endsWith("/") || name > level.range.after) {
        this.#next = level.name + name;
      }
      if (context.pace.due) await context.pace.rest();
    }
    return this.#next;
  }

  skip(): void {
    this.#next = undefined;
  }

  /** Reads the rest of a directory of which there was no room for all; leaves one that is done with. */
  async #readOn(context: WalkContext, level: Level): Promise<void> {
    const { end } = level.names;
    if (end !== undefined) {
      level.names = (await this.#read(context, level.name, level.range, end)).names;
      return;
    }
    this.#levels?.pop();
    if (level.empty) this.#next = level.name;
  }

  /** Whether a directory is looked into. */
  #isEntered(name: string): boolean {
    return this.#range.directories !== "closed" || this.#range.prefix.startsWith(name);
  }

  /** Whether a directory is told of, should nothing be in it. */
  #isWantedEmpty(name: string): boolean {
    const { directories, prefix, after } = this.#range;
    return directories === "empty" && name !== "" && name > after && name.startsWith(prefix);
  }

  /** @param beyond Only names behind it. */
  async #read(
    context: WalkContext,
    name: string,
    range: NameRange,
    beyond = "",
  ): Promise<Level> {
    const names = new SortedNames(Math.max(this.#room / 100, this.#room - this.held));
    const level = { name, range, names, empty: false };
    const only = onlyDirectory(range);
    if (only !== undefined) {
      const wanted = isNameSegment(only.slice(0, -1), name === "") && wantsDirectory(only, range);
      if (wanted) await names.add([only], context.pace);
      return level;
    }
    const found = await fill(level, beyond, context);
    level.empty = found === "nothing" && this.#isWantedEmpty(name);
    return level;
  }
}

/**
 * Takes what is wanted of a directory. What is gone, or has become something else, has no files.
 *
 * @returns `nothing`: the directory is there, and has nothing in it that could be wanted.
 */
async function fill(
  { name, range, names }: Level,
  beyond: string,
  context: WalkContext,
): Promise<"nothing" | "something" | "unreadable"> {
  const { top, pace, onUnreadable } = context;
  let found = false;
  const length = utf8.encode(name).length;
  try {
    using held = name === "" ? undefined : await top.openBelowLater(name.slice(0, -1), "directory");
    const directory = held ?? top;
    for await (const entries of readDirectory(directory)) {
      pace.resume();
      const wanted: string[] = [];
      for (const entry of entries) {
        const key = keyOf(entry, directory);
        if (key === undefined || length + entry.length > MAX_NAME_LENGTH) continue;
        const isWanted = key > beyond && wants(key, range);
        if (found && !isWanted) continue;
        if (!isNameSegment(entry.name, name === "")) continue;
        found = true;
        if (isWanted) wanted.push(key);
      }
      await names.add(wanted, pace);
    }
    return found ? "something" : "nothing";
  } catch (error) {
    if (name === "") throw error;
    if (isGone(error)) return "something";
    if (onUnreadable === undefined || !isForbidden(error)) throw error;
    onUnreadable(name);
    return "unreadable";
  }
}

function wants(key: string, range: NameRange): boolean {
  return key.endsWith("/") ? wantsDirectory(key, range) : wantsFile(key, range);
}

/** An entry's name, with a slash if it is a directory; `undefined` if it is neither that nor a file. */
function keyOf(entry: DirectoryEntry, directory: Held): string | undefined {
  const { name, kind = kindOf(directory, name) } = entry;
  if (kind === "file") return name;
  return kind === "directory" ? `${name}/` : undefined;
}

function kindOf(directory: Held, name: string): DirectoryEntry["kind"] {
  try {
    return directory.statEntry(name).kind;
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}
