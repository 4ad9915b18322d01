import { basename, dirname } from "node:path";
import { isMissing } from "../storage/absence.ts";
import { DEFAULT_MODE, modeHere } from "../storage/file_mode.ts";
import type { Held } from "../storage/held.ts";
import { holdDirectory } from "../storage/hold_directory.ts";
import { DEFAULT_OWNER, stagedName } from "../storage/staged_names.ts";
import type { PublishOptions } from "../upload/staged_file.ts";

/**
 * Makes small files appear whole, in the steps of `StagedFile`, but each in one go on this thread. The directory
 * of the last one is held, as the next one is mostly in it, until that is let go: before anything is waited for,
 * so that what others do to directories meanwhile is seen.
 */
export class PlacedAtOnce implements Disposable {
  #last: { path: string; directory: Held } | undefined;

  /**
   * Places a file. Directories that are missing are made.
   *
   * @param path Absolute.
   * @returns Whether it is done; if not, something is in the way, and there is no file more or other: what that
   * is, the other steps tell.
   */
  place(path: string, bytes: Uint8Array, options: PublishOptions): boolean {
    const { overwrite = "never" } = options;
    if (overwrite === "newer") return false;
    const name = basename(path);
    const staged = stagedName(DEFAULT_OWNER);
    let directory: Held | undefined;
    try {
      directory = this.#hold(dirname(path));
      write(directory, staged, bytes, options);
      if (overwrite === "always" && isFileThere(directory, name)) {
        Deno.renameSync(`${directory.path}/${staged}`, `${directory.path}/${name}`);
        return true;
      }
      directory.linkEntry(staged, directory, name);
    } catch {
      if (directory !== undefined) removeQuietly(directory, staged);
      return false;
    }
    removeQuietly(directory, staged);
    return true;
  }

  /** Lets the directory go that is held. */
  letGo(): void {
    this.#last?.directory[Symbol.dispose]();
    this.#last = undefined;
  }

  [Symbol.dispose](): void {
    this.letGo();
  }

  #hold(path: string): Held {
    if (this.#last?.path === path) return this.#last.directory;
    this.letGo();
    const directory = holdOrMake(path);
    this.#last = { path, directory };
    return directory;
  }
}

function holdOrMake(path: string): Held {
  try {
    return holdDirectory(path);
  } catch (error) {
    if (!isMissing(error)) throw error;
    Deno.mkdirSync(path, { recursive: true });
    return holdDirectory(path);
  }
}

function write(
  directory: Held,
  name: string,
  bytes: Uint8Array,
  { mtime, mode = DEFAULT_MODE }: PublishOptions,
): void {
  using file = directory.createEntry(name, modeHere(mode) ?? DEFAULT_MODE);
  file.writeSync(bytes);
  if (mtime !== undefined) file.utimeSync(mtime);
}

/** @throws Something else than a file is there. */
function isFileThere(directory: Held, name: string): boolean {
  try {
    if (directory.statEntry(name).kind === "file") return true;
  } catch (error) {
    if (isMissing(error)) return false;
    throw error;
  }
  throw new Deno.errors.AlreadyExists(name);
}

function removeQuietly(directory: Held, name: string): void {
  try {
    directory.removeEntry(name);
  } catch {
    // Not made, or gone: nothing depends on it.
  }
}
