import { basename, dirname } from "node:path";
import { isMissing } from "../storage/absence.ts";
import { DEFAULT_MODE, modeHere } from "../storage/file_mode.ts";
import type { Held } from "../storage/held.ts";
import { holdDirectory } from "../storage/hold_directory.ts";
import { DEFAULT_OWNER, stagedPath } from "../storage/staged_names.ts";
import type { PublishOptions } from "../upload/staged_file.ts";

/**
 * Makes a small file appear whole, in the steps of `StagedFile`, but in one go on this thread. Directories that
 * are missing are made.
 *
 * @returns Whether it is done; if not, something is in the way, and there is no file more or other: what that
 * is, the other steps tell.
 */
export function placeAtOnce(path: string, bytes: Uint8Array, options: PublishOptions): boolean {
  const { overwrite = "never" } = options;
  if (overwrite === "newer") return false;
  const name = basename(path);
  try {
    using directory = holdOrMake(dirname(path));
    const staged = stagedPath("", DEFAULT_OWNER);
    try {
      write(directory, staged, bytes, options);
      if (overwrite === "always" && isFileThere(directory, name)) {
        Deno.renameSync(`${directory.path}/${staged}`, `${directory.path}/${name}`);
        return true;
      }
      directory.linkEntry(staged, directory, name);
    } catch {
      removeQuietly(directory, staged);
      return false;
    }
    removeQuietly(directory, staged);
    return true;
  } catch {
    return false;
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
