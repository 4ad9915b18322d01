import { dirname } from "node:path";
import { flushDirectory } from "../../base/flush_directory.ts";
import { makeDirectories, removeEmptyDirectories } from "./directories.ts";

/** A place for a file, in a directory that is held. */
export interface HeldPlace extends Disposable {
  /** Leads there until it is let go. */
  readonly path: string;
  /** Leads to the directory. */
  readonly directory: string;
}

/** A file that has room reserved for it on another file system than the storage's. */
export interface ReservedFile extends AsyncDisposable {
  /**
   * Moves it to where it is wanted, in a directory on the same file system.
   *
   * @returns Whether it is there now.
   */
  moveTo(path: string): Promise<boolean>;
}

/** A place for a file, in a directory that need not be there yet. */
export interface Place {
  /** For messages. */
  readonly name: string;
  /**
   * Holds the directory.
   *
   * @returns `undefined` if it is not there.
   * @throws An error of the operating system's: `ENOTDIR` if a file is in the way, `ELOOP` if a symbolic link is.
   */
  hold(): HeldPlace | Promise<HeldPlace | undefined>;
  /** Holds the directory, making it if it is missing. Others may remove it again at any time. */
  make(): HeldPlace | Promise<HeldPlace>;
  /**
   * Refuses a place of which a part belongs to something that the disk finds under that name, but that is called
   * otherwise. Without it there is no such check.
   *
   * @throws {FileExistsError}
   */
  refuseOtherNames?(): Promise<void>;
  /** Removes the directories that were made, if they are empty. */
  unmake(): void | Promise<void>;
  /** Flushes the directories that lead to it to the disk, with the names in them. */
  flush(): Promise<void>;
  /**
   * Writes down that the directory has a file of that name which is on its way here, in case it stays
   * behind. `undefined`: that cannot be written down.
   *
   * @param flushes Whether to the disk as well.
   * @returns Disposed of when it is gone.
   */
  readonly noteCopy?: (fileName: string, flushes: boolean) => Promise<AsyncDisposable>;
  /** What a file is copied to that cannot be moved there; a new file by default. */
  reserved?: ReservedFile;
  /**
   * Does what changes the file there, at `path`, and counts what that makes of quotas; by default, it is only
   * done.
   */
  counted?: (path: string, step: () => Promise<void>) => Promise<void>;
}

/** The place that a path leads to, where one is given. */
export function placeOf(target: Place | string): Place {
  return typeof target === "string" ? localPlace(target) : target;
}

/** A place anywhere, found by its path. */
export function localPlace(path: string): Place {
  const made: string[] = [];
  const place: HeldPlace = { path, directory: dirname(path), [Symbol.dispose]() {} };
  return {
    name: path,
    hold: () => place,
    async make() {
      made.push(...await makeDirectories(dirname(path)));
      return place;
    },
    unmake: () => removeEmptyDirectories(made.splice(0).reverse()),
    async flush() {
      for (const directory of [...made].reverse()) await flushDirectory(directory);
      await flushDirectory(dirname(made[0] ?? path));
    },
  };
}
