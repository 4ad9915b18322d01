import type { DirectoryEntry } from "../../ffi/files/directory_entries_linux.ts";
import { isNameSegment } from "../../protocol/file_name.ts";
import { MAX_NAME_LENGTH } from "../../protocol/limits.ts";
import { isGone, isMissing } from "./absence.ts";
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
}

/** Where a walk takes place, and how fast. */
export interface WalkContext {
  readonly top: Held;
  readonly pace: Pace;
}

/**
 * A walk through the names of the files below a directory, in the order of their UTF-16 code units. It can
 * be interrupted and go on later: it holds nothing but names, of the directories on the way to one file.
 * Of a directory with more entries than there is room for, it reads them again when it has used up those
 * it has.
 */
export class FileWalk {
  readonly #range: NameRange;
  readonly #room: number;
  #levels: Level[] | undefined;
  #next: string | undefined;

  constructor(range: NameRange, room = ROOM) {
    this.#range = range;
    this.#room = room;
  }

  /** How many names it holds. */
  get held(): number {
    return (this.#levels ?? []).reduce((sum, { names }) => sum + names.count, 0);
  }

  /**
   * The next file's name, which {@linkcode skip} passes over; `undefined` if there is none.
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
      } else if (name.endsWith("/")) {
        this.#levels.push(
          await this.#read(context, level.name + name, rangeBelow(name, level.range)),
        );
      } else {
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
    if (end === undefined) this.#levels?.pop();
    else level.names = (await this.#read(context, level.name, level.range, end)).names;
  }

  /** @param beyond Only names behind it. */
  async #read(
    context: WalkContext,
    name: string,
    range: NameRange,
    beyond = "",
  ): Promise<Level> {
    const names = new SortedNames(Math.max(this.#room / 100, this.#room - this.held));
    const level = { name, range, names };
    const only = onlyDirectory(range);
    if (only !== undefined) {
      const wanted = isNameSegment(only.slice(0, -1), name === "") && wantsDirectory(only, range);
      if (wanted) await names.add([only], context.pace);
      return level;
    }
    await fill(level, beyond, context);
    return level;
  }
}

/** What is gone, or has become something else, has no files. */
async function fill({ name, range, names }: Level, beyond: string, context: WalkContext) {
  const { top, pace } = context;
  const length = utf8.encode(name).length;
  try {
    using held = name === "" ? undefined : await top.openBelowLater(name.slice(0, -1), "directory");
    const directory = held ?? top;
    for await (const entries of readDirectory(directory)) {
      pace.resume();
      const wanted: string[] = [];
      for (const entry of entries) {
        const key = keyOf(entry, directory, range);
        if (key === undefined || key <= beyond) continue;
        if (length + entry.length > MAX_NAME_LENGTH) continue;
        if (isNameSegment(entry.name, name === "")) wanted.push(key);
      }
      await names.add(wanted, pace);
    }
  } catch (error) {
    if (name === "" || !isGone(error)) throw error;
  }
}

/** An entry's name, with a slash if it is a directory; `undefined` if it is not wanted. */
function keyOf(entry: DirectoryEntry, directory: Held, range: NameRange): string | undefined {
  const { name, kind = kindOf(directory, name) } = entry;
  if (kind === "file") return wantsFile(name, range) ? name : undefined;
  const path = `${name}/`;
  return kind === "directory" && wantsDirectory(path, range) ? path : undefined;
}

function kindOf(directory: Held, name: string): DirectoryEntry["kind"] {
  try {
    return directory.statEntry(name).kind;
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}
