import { errno, libc } from "../libraries/libc.ts";
import { failure } from "./system_error.ts";

// Values of fcntl.h, linux/falloc.h, unistd.h and errno.h; the same for x86-64 and ARM64.
const O_RDWR = 0o2;
const O_NONBLOCK = 0o4000; // a pipe that has been put there instead is not waited for
const O_NOFOLLOW = Deno.build.arch === "aarch64" ? 0o100000 : 0o400000;
const O_CLOEXEC = 0o2000000;
const FLAGS = O_RDWR | O_NONBLOCK | O_NOFOLLOW | O_CLOEXEC;
const FALLOC_FL_KEEP_SIZE = 1;
const SEEK_END = 2;
const EFBIG = 27;
const ENOSPC = 28;
const EDQUOT = 122;
/** EINVAL, ENOSYS, EOPNOTSUPP; and EPERM, of a sandbox that does not know the call. */
const UNSUPPORTED = new Set([22, 38, 95, 1]);

/** A signal of the runtime's may end a call before it is done. */
const ATTEMPTS = 3;

/**
 * What has become of it: `full` is the disk, or its user's share of it; `too-large` is a file of that length
 * on this file system; `unsupported` says that it reserves nothing, or the system does not.
 */
export type Allocated = "done" | "full" | "too-large" | "unsupported";

/**
 * Reserves room on the disk for the first `bytes` bytes of a file that is there, on another thread. Its length
 * stays as it is, and so does what is in it. The file system keeps the room until the file is cut or removed,
 * also if this process ends; of a file that does not fit nothing is reserved beyond its length.
 *
 * On Linux alone: Windows gives back what is beyond a file's length when it is closed.
 *
 * @throws {SystemError} The file cannot be opened, or the disk fails.
 */
export async function allocateFile(path: string, bytes: number): Promise<Allocated> {
  if (Deno.build.os !== "linux") return "unsupported";
  const fd = libc.open(new TextEncoder().encode(`${path}\0`), FLAGS, 0);
  if (fd < 0) throw failure(path);
  try {
    const end = BigInt(bytes);
    // One block tells at once, and why; a call on another thread tells only whether.
    const last = tryBlock(path, fd, end - 1n);
    if (last !== "done") return last;
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      if (await libc.fallocate_parked(fd, FALLOC_FL_KEEP_SIZE, 0n, end) === 0) return "done";
    }
    libc.ftruncate(fd, libc.lseek(fd, 0n, SEEK_END));
    return "full";
  } finally {
    libc.close(fd);
  }
}

/** Whether the file system reserves room for files: tried with a block of one that is there. */
export function mayAllocate(path: string): boolean {
  if (Deno.build.os !== "linux") return false;
  const fd = libc.open(new TextEncoder().encode(`${path}\0`), FLAGS, 0);
  if (fd < 0) return false;
  try {
    return tryBlock(path, fd, 0n) !== "unsupported";
  } catch {
    return false;
  } finally {
    libc.close(fd);
  }
}

function tryBlock(path: string, fd: number, offset: bigint): Allocated {
  if (libc.fallocate(fd, FALLOC_FL_KEEP_SIZE, offset, 1n) === 0) return "done";
  const code = errno();
  if (code === ENOSPC || code === EDQUOT) return "full";
  if (code === EFBIG) return "too-large";
  if (UNSUPPORTED.has(code)) return "unsupported";
  throw failure(path, code);
}
