import { errno, libc } from "../libraries/libc.ts";
import { NewFile } from "./new_file_linux.ts";
import type { WantedAttribute } from "./extended_attribute_linux.ts";
import { readSmall } from "./small_file_linux.ts";
import {
  AT_SYMLINK_NOFOLLOW,
  type InodeInfo,
  statAt,
  statAtLater,
  statItself,
} from "./statx_linux.ts";
import { failure } from "./system_error.ts";

export type { InodeInfo };

// Values of fcntl.h, linux/openat2.h, linux/stat.h and sys/syscall.h; the same for x86-64 and ARM64.
const SYS_OPENAT2 = 437n;
const AT_FDCWD = -100;
const AT_REMOVEDIR = 0x200;
const O_WRONLY = 0o1;
const O_CREAT = 0o100;
const O_EXCL = 0o200;
const O_CLOEXEC = 0o2000000;
const O_PATH = 0o10000000;
const O_NOFOLLOW = Deno.build.arch === "aarch64" ? 0o100000 : 0o400000;
const O_DIRECTORY = Deno.build.arch === "aarch64" ? 0o40000 : 0o200000;
const RESOLVE_NO_MAGICLINKS = 0x02;
const RESOLVE_NO_SYMLINKS = 0x04;
const RESOLVE_BENEATH = 0x08;
const RESOLVE_CACHED = 0x20;
const HOW_LENGTH = 24n;

const NEW_FILE = O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC;
const REFERENCE = O_PATH | O_CLOEXEC | O_NOFOLLOW;
const BENEATH = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS;
const DIRECTORY = O_PATH | O_CLOEXEC | O_DIRECTORY;
const HOW_ANYTHING = openHow(REFERENCE, BENEATH);
const HOW_DIRECTORY = openHow(DIRECTORY, BENEATH);
const HOW_ANYTHING_IN_MEMORY = openHow(REFERENCE, BENEATH | RESOLVE_CACHED);
const HOW_DIRECTORY_IN_MEMORY = openHow(DIRECTORY, BENEATH | RESOLVE_CACHED);

const EPERM = 1;
const ENOENT = 2;
const EAGAIN = 11;
const ENOTDIR = 20;
const EINVAL = 22;
const ENOSYS = 38;
const ELOOP = 40;

const utf8 = new TextEncoder();
const scratch = new Uint8Array(4096);
/** For the second text of a call. */
const otherScratch = new Uint8Array(4096);

/** What there must be for {@linkcode Descriptor.openBelow}. */
export type Wanted = "anything" | "directory";

/** Whether to go step by step, as the kernel (before 5.6) or a sandbox does not know openat2. */
let stepwise = false;

/**
 * A file or directory itself, whatever becomes of its name: an O_PATH descriptor. With {@linkcode path}
 * everything can be done with it that is done by path, and nobody can put something else in its place
 * meanwhile. To hold one asks for no permission and waits for nobody, also not for a named pipe.
 */
export class Descriptor implements Disposable {
  readonly #number: number;
  #open = true;

  private constructor(number: number) {
    this.#number = number;
  }

  /**
   * Opens a directory, following symbolic links.
   *
   * @throws {SystemError}
   */
  static openDirectory(path: string): Descriptor {
    const number = libc.openat(AT_FDCWD, cString(path), DIRECTORY, 0);
    if (number < 0) throw failure(path);
    return new Descriptor(number);
  }

  /** Leads to it, until it is closed. */
  get path(): string {
    return `/proc/self/fd/${this.#number}`;
  }

  /**
   * Opens what is below this directory, never leaving it, and following no symbolic link. Where anything
   * is wanted, a symbolic link that the path ends with is opened itself.
   *
   * @throws {SystemError} `ELOOP` for a symbolic link on the way; `ENOTDIR` for what is no directory.
   */
  openBelow(relative: string, wanted: Wanted = "anything"): Descriptor {
    if (stepwise) return this.openStepwise(relative, wanted);
    const how = wanted === "directory" ? HOW_DIRECTORY : HOW_ANYTHING;
    const number = libc.openat2(SYS_OPENAT2, this.#number, cString(relative), how, HOW_LENGTH);
    if (number >= 0) return new Descriptor(number);
    const code = errno();
    // EPERM: a sandbox that does not know the call. The call itself never fails with it.
    stepwise = code === ENOSYS || code === EPERM;
    if (stepwise) return this.openStepwise(relative, wanted);
    throw failure(relative, code);
  }

  /** Does what {@linkcode openBelow} does, where there is no openat2. */
  openStepwise(relative: string, wanted: Wanted = "anything"): Descriptor {
    let from = this.#number;
    let at: Descriptor | undefined;
    for (const segment of relative.split("/")) {
      if (at !== undefined) from = at.#asDirectory(relative).#number;
      const number = libc.openat(from, cString(segment), REFERENCE, 0);
      const code = number < 0 ? errno() : 0;
      at?.[Symbol.dispose]();
      if (number < 0) throw failure(relative, code);
      at = new Descriptor(number);
    }
    if (at === undefined) throw failure(relative, ENOENT);
    return wanted === "directory" ? at.#asDirectory(relative) : at;
  }

  /** Does what {@linkcode openBelow} does, on another thread if the disk has to be asked. */
  async openBelowLater(relative: string, wanted: Wanted = "anything"): Promise<Descriptor> {
    if (stepwise) return this.openStepwise(relative, wanted);
    const path = lastingCString(relative);
    const inMemory = wanted === "directory" ? HOW_DIRECTORY_IN_MEMORY : HOW_ANYTHING_IN_MEMORY;
    const there = libc.openat2(SYS_OPENAT2, this.#number, path, inMemory, HOW_LENGTH);
    if (there >= 0) return new Descriptor(there);
    // EINVAL: before 5.12 the kernel cannot be asked only for what it has in memory.
    const code = errno();
    if (code !== EAGAIN && code !== EINVAL) return this.openBelow(relative, wanted);
    const how = wanted === "directory" ? HOW_DIRECTORY : HOW_ANYTHING;
    const number = await libc.openat2_parked(SYS_OPENAT2, this.#number, path, how, HOW_LENGTH);
    if (number >= 0) return new Descriptor(number);
    // Why, only the other thread knows; to ask again is quick now.
    return this.openBelow(relative, wanted);
  }

  /** @throws {SystemError} */
  stat(): InodeInfo {
    return statItself(this.#number, ".");
  }

  /**
   * Looks at an entry of this directory, not following a symbolic link.
   *
   * @throws {SystemError}
   */
  statEntry(name: string): InodeInfo {
    return statAt(this.#number, cString(name), AT_SYMLINK_NOFOLLOW, name);
  }

  /** Does what {@linkcode statEntry} does, on another thread. */
  async statEntryLater(name: string): Promise<InodeInfo> {
    // Why not, only the other thread knows; to ask again is quick now.
    return await statAtLater(this.#number, lastingCString(name), AT_SYMLINK_NOFOLLOW) ??
      this.statEntry(name);
  }

  /**
   * Reads a small file in this directory, in one go. Nothing but a file is opened, and no symbolic link followed.
   *
   * @param buffer Takes its bytes.
   * @param wanted Is read as well.
   * @returns What it is; `undefined` if it is no file, or does not fit, or cannot be read.
   */
  readEntry(name: string, buffer: Uint8Array, wanted?: WantedAttribute): InodeInfo | undefined {
    return readSmall(this.#number, cString(name), buffer, AT_SYMLINK_NOFOLLOW, wanted);
  }

  /**
   * Makes a file in this directory, to be written.
   *
   * @param mode Of the file, less what the process's mask takes away.
   * @throws {SystemError} `EEXIST` if something has the name.
   */
  createEntry(name: string, mode: number): NewFile {
    const number = libc.openat(this.#number, cString(name), NEW_FILE, mode);
    if (number < 0) throw failure(name);
    return new NewFile(number, name);
  }

  /**
   * Gives a file in this directory a second name, in another.
   *
   * @throws {SystemError} `EEXIST` if something has the name.
   */
  linkEntry(name: string, to: Descriptor, newName: string): void {
    const newPath = cString(newName, otherScratch);
    if (libc.linkat(this.#number, cString(name), to.#number, newPath, 0) !== 0) {
      throw failure(newName);
    }
  }

  /**
   * Takes the name of a file in this directory away.
   *
   * @throws {SystemError}
   */
  removeEntry(name: string): void {
    if (libc.unlinkat(this.#number, cString(name), 0) !== 0) throw failure(name);
  }

  /**
   * Removes a directory in this one, which must be empty.
   *
   * @throws {SystemError}
   */
  removeDirectory(name: string): void {
    if (libc.unlinkat(this.#number, cString(name), AT_REMOVEDIR) !== 0) throw failure(name);
  }

  [Symbol.dispose](): void {
    if (!this.#open) return;
    this.#open = false;
    libc.close(this.#number);
  }

  /** Itself, if it is a directory; else it is closed. */
  #asDirectory(path: string): Descriptor {
    const { kind } = this.stat();
    if (kind === "directory") return this;
    this[Symbol.dispose]();
    throw failure(path, kind === "link" ? ELOOP : ENOTDIR);
  }
}

/** `struct open_how`. */
function openHow(flags: number, resolve: number): Uint8Array<ArrayBuffer> {
  return new Uint8Array(new BigUint64Array([BigInt(flags), 0n, BigInt(resolve)]).buffer);
}

/** For a call on this thread: it is over before the next one needs the memory. */
function cString(text: string, into = scratch): Uint8Array<ArrayBuffer> {
  // A character takes three bytes at most.
  if (text.length >= into.length / 3) return lastingCString(text);
  const { written } = utf8.encodeInto(text, into);
  into[written] = 0;
  return into;
}

function lastingCString(text: string): Uint8Array<ArrayBuffer> {
  return utf8.encode(`${text}\0`);
}
