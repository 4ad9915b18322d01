import type { InodeInfo, Wanted } from "../../ffi/files/descriptor_linux.ts";
import type { AttributeName, WantedAttribute } from "../../ffi/files/extended_attribute_linux.ts";

export type { InodeInfo, Wanted };

/** A file that has just been made, written to on this thread. */
export interface NewEntry extends Disposable {
  /** Appends all of some bytes. @throws Some of them may be written by then. */
  writeSync(bytes: Uint8Array): void;
  /** Sets when it was modified last, in milliseconds since 1970-01-01 UTC. */
  utimeSync(time: number): void;
  /** Sets something beside its bytes, where there is such a thing. */
  setAttribute(name: AttributeName, value: Uint8Array<ArrayBuffer>): void;
  /**
   * Has the disk begin to write its bytes, where there is such a thing, on another thread; it must not be closed
   * meanwhile. Of many files of which that was done, one flush leaves less to be done for the others.
   *
   * @throws It has failed, which a flush need not say again.
   */
  writeOut(): Promise<void>;
  /** Flushes it to the disk, on another thread; it must not be closed meanwhile. */
  flush(): Promise<void>;
}

/**
 * A file or directory that is held: what is done by its {@linkcode path} is done to it, whatever becomes of
 * its name meanwhile. (On Windows, where it is a path like any other, only what was there before is sure:
 * who may write in the directory can put a link in its place.)
 */
export interface Held extends Disposable {
  /** Leads to it until it is let go. The path of an entry is this, a slash, and the entry's name. */
  readonly path: string;
  /**
   * Holds what is below this directory, never leaving it, and following no symbolic link. Where anything
   * is wanted, a symbolic link that the path ends with is held itself.
   *
   * @param relative Segments with slashes between; none of them empty, `.` or `..`.
   * @throws An error with the operating system's code: `ELOOP` for a symbolic link on the way, `ENOTDIR`
   * for what is no directory.
   */
  openBelow(relative: string, wanted?: Wanted): Held;
  /** Does what {@linkcode openBelow} does, on another thread if the disk has to be asked. */
  openBelowLater(relative: string, wanted?: Wanted): Promise<Held>;
  /** What it is. */
  stat(): InodeInfo;
  /** What an entry of this directory is, which may be a symbolic link. */
  statEntry(name: string): InodeInfo;
  /**
   * Reads a small file in this directory, in one go.
   *
   * @param buffer Takes its bytes.
   * @param wanted Is read as well, where there is such a thing; its `length` is left alone elsewhere.
   * @returns What it is; `undefined` if it is no file, which a symbolic link is not, does not fit, or cannot be
   * read.
   */
  readEntry(name: string, buffer: Uint8Array, wanted?: WantedAttribute): InodeInfo | undefined;
  /**
   * Makes a file in this directory, to be written, of this mode less the process's mask.
   *
   * @throws An error with the operating system's code, or the runtime's, if something has the name.
   */
  createEntry(name: string, mode: number): NewEntry;
  /** Gives a file in this directory a second name, in another. */
  linkEntry(name: string, to: Held, newName: string): void;
  /** Takes the name of a file in this directory away. */
  removeEntry(name: string): void;
  /** Removes a directory in this one, which must be empty; never anything else. */
  removeDirectory(name: string): void;
  /** Does what {@linkcode statEntry} does, on another thread. */
  statEntryLater(name: string): Promise<InodeInfo>;
}
