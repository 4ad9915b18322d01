import { libc } from "../libraries/libc.ts";
import { failure } from "./system_error.ts";

// Values of fcntl.h and linux/stat.h.
const AT_FDCWD = -100;
export const AT_SYMLINK_NOFOLLOW = 0x100;
const AT_EMPTY_PATH = 0x1000;
const STATX_WANTED = 0xfff; // STATX_BASIC_STATS | STATX_BTIME
const STATX_LENGTH = 256;

const EMPTY_PATH = new Uint8Array(1);
const utf8 = new TextEncoder();

/** For a call on this thread: it is over before the next one needs the memory. */
const statxBytes = new Uint8Array(STATX_LENGTH);
const statxView = new DataView(statxBytes.buffer);

/** What an inode is. */
export interface InodeInfo {
  readonly kind: "file" | "directory" | "link" | "other";
  /** Of the file system. */
  readonly dev: number;
  readonly ino: number;
  /** When it was made, as {@linkcode mtime}; 0 where the file system does not tell. */
  readonly born: number;
  readonly size: number;
  /** Who may read, write and execute it: the lowest nine bits; `undefined` where the system has no such thing. */
  readonly mode: number | undefined;
  /** In milliseconds since 1970-01-01 UTC. */
  readonly mtime: number;
}

/**
 * Looks at what is at a path below a directory.
 *
 * @param path Ends with a NUL.
 * @param name For the error.
 * @throws {SystemError}
 */
export function statAt(
  directory: number,
  path: Uint8Array<ArrayBuffer>,
  flags: number,
  name: string,
): InodeInfo {
  if (libc.statx(directory, path, flags, STATX_WANTED, statxBytes) !== 0) throw failure(name);
  return readStatx(statxView);
}

/** Looks at what is open. @param name For the error. @throws {SystemError} */
export function statItself(descriptor: number, name: string): InodeInfo {
  return statAt(descriptor, EMPTY_PATH, AT_EMPTY_PATH, name);
}

/** Looks at what a path leads to. @returns `undefined` if it leads to nothing, or that cannot be told. */
export function statPath(path: string): InodeInfo | undefined {
  if (path.includes("\0")) return undefined; // to the system, its end
  const failed = libc.statx(AT_FDCWD, utf8.encode(`${path}\0`), 0, STATX_WANTED, statxBytes);
  return failed === 0 ? readStatx(statxView) : undefined;
}

/** Does what {@linkcode statAt} does, on another thread. @returns `undefined` if it fails. */
export async function statAtLater(
  directory: number,
  path: Uint8Array<ArrayBuffer>,
  flags: number,
): Promise<InodeInfo | undefined> {
  const statx = new Uint8Array(STATX_LENGTH);
  const failed = await libc.statx_parked(directory, path, flags, STATX_WANTED, statx);
  return failed === 0 ? readStatx(new DataView(statx.buffer)) : undefined;
}

const KINDS: ReadonlyMap<number, InodeInfo["kind"]> = new Map([
  [0o10, "file"],
  [0o4, "directory"],
  [0o12, "link"],
]);

/** Takes `struct statx` apart, which is the same on every machine. */
function readStatx(view: DataView): InodeInfo {
  const mode = view.getUint16(28, true);
  return {
    kind: KINDS.get(mode >> 12) ?? "other",
    mode: mode & 0o777,
    ino: wide(view, 32),
    size: wide(view, 40),
    mtime: Math.floor(milliseconds(view, 112)),
    born: milliseconds(view, 80),
    dev: view.getUint32(136, true) * 0x1_0000_0000 + view.getUint32(140, true),
  };
}

function milliseconds(view: DataView, offset: number): number {
  return Number(view.getBigInt64(offset, true)) * 1000 +
    view.getUint32(offset + 8, true) / 1_000_000;
}

function wide(view: DataView, offset: number): number {
  return view.getUint32(offset + 4, true) * 0x1_0000_0000 + view.getUint32(offset, true);
}
