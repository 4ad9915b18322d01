import { readAttribute, type WantedAttribute } from "./extended_attribute_linux.ts";
import { libc } from "../libraries/libc.ts";
import { type InodeInfo, statAt, statItself } from "./statx_linux.ts";

// Values of fcntl.h; the same for x86-64 and ARM64, but for one.
const AT_FDCWD = -100;
const O_RDONLY = 0;
const O_NOCTTY = 0o400;
const O_NONBLOCK = 0o4000; // a pipe that has been put there instead is not waited for
const O_CLOEXEC = 0o2000000;
const O_NOFOLLOW = Deno.build.arch === "aarch64" ? 0o100000 : 0o400000;
const READ = O_RDONLY | O_NOCTTY | O_NONBLOCK | O_CLOEXEC;

const utf8 = new TextEncoder();

/**
 * Reads a small file in one go, on this thread: a system call for each step, some microseconds in all.
 *
 * @param buffer Takes its bytes.
 * @returns What it is; `undefined` if it is no file, does not fit, is written to meanwhile or cannot be read.
 */
export function readSmallFile(path: string, buffer: Uint8Array): InodeInfo | undefined {
  if (path.includes("\0")) return undefined; // to the system, its end
  return readSmall(AT_FDCWD, utf8.encode(`${path}\0`), buffer);
}

/**
 * @param path Ends with a NUL.
 * @param flags `AT_SYMLINK_NOFOLLOW`, for symbolic links not to be followed.
 * @param wanted Is read as well.
 */
export function readSmall(
  directory: number,
  path: Uint8Array<ArrayBuffer>,
  buffer: Uint8Array,
  flags = 0,
  wanted?: WantedAttribute,
): InodeInfo | undefined {
  let found: InodeInfo;
  try {
    // Looked at before it is opened: that does something with some devices.
    found = statAt(directory, path, flags, "");
    if (!isSmall(found, buffer)) return undefined;
  } catch {
    return undefined;
  }
  const file = libc.openat(directory, path, flags === 0 ? READ : READ | O_NOFOLLOW, 0);
  if (file < 0) return undefined;
  try {
    if (!fill(file, buffer.subarray(0, found.size))) return undefined;
    if (wanted !== undefined) readAttribute(file, wanted);
    const inode = statItself(file, "");
    return isSame(found, inode) ? inode : undefined;
  } finally {
    libc.close(file);
  }
}

function isSmall({ kind, size }: InodeInfo, buffer: Uint8Array): boolean {
  return kind === "file" && size <= buffer.length;
}

/** Whether it is the same file, and nobody has written to it in between: what was read would be a mixture. */
function isSame(before: InodeInfo, now: InodeInfo): boolean {
  return now.kind === before.kind && now.ino === before.ino && now.dev === before.dev &&
    now.size === before.size && now.mtime === before.mtime;
}

/** @returns Whether there was so much. */
function fill(file: number, bytes: Uint8Array): boolean {
  for (let filled = 0; filled < bytes.length;) {
    // Shared memory would do as well, for which the call's type has no name.
    const rest = bytes.subarray(filled) as Uint8Array<ArrayBuffer>;
    const count = Number(libc.read(file, rest, BigInt(rest.length)));
    if (count <= 0) return false;
    filled += count;
  }
  return true;
}
