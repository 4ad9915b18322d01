import { FileLockError } from "./file_lock_error.ts";
import { errno, libc } from "../libraries/libc.ts";
import { systemErrorName } from "../libraries/system_error_name.ts";

// Linux values, fcntl.h. An open file description lock (unlike the older kind) also keeps out other
// descriptors of this process, and is not lost when one of them is closed.
const O_RDWR = 0o2;
const O_CREAT = 0o100;
const O_NONBLOCK = 0o4000; // a pipe that has been put there instead is not waited for
const O_NOFOLLOW = Deno.build.arch === "aarch64" ? 0o100000 : 0o400000;
const O_CLOEXEC = 0o2000000;
const FLAGS = O_RDWR | O_NONBLOCK | O_NOFOLLOW | O_CLOEXEC;
const F_OFD_SETLK = 37;
const F_WRLCK = 1;
const HELD = new Set([11, 13]); // EAGAIN, EACCES
const OWNER_ONLY = 0o600;

/** @returns A function that lets go; `undefined` if someone holds the lock. */
export function tryLock(
  path: string,
  offset: number,
  length: number,
  create: boolean,
): (() => void) | undefined {
  using undo = new DisposableStack();
  const name = new TextEncoder().encode(`${path}\0`);
  const lock = writeLock(offset, length);
  const fd = libc.open(name, create ? FLAGS | O_CREAT : FLAGS, OWNER_ONLY);
  if (fd < 0) throw failure(path, errno());
  undo.defer(() => libc.close(fd));
  if (libc.fcntl(fd, F_OFD_SETLK, lock) !== 0) {
    const code = errno();
    if (HELD.has(code)) return undefined;
    throw failure(path, code);
  }
  const held = undo.move();
  return () => held.dispose();
}

/** `struct flock` for so many bytes from `offset` on. */
function writeLock(offset: number, length: number): Uint8Array<ArrayBuffer> {
  const flock = new DataView(new ArrayBuffer(32));
  flock.setInt16(0, F_WRLCK, true); // l_type; l_whence stays SEEK_SET
  flock.setBigInt64(8, BigInt(offset), true); // l_start
  flock.setBigInt64(16, BigInt(length), true); // l_len
  return new Uint8Array(flock.buffer);
}

function failure(path: string, code: number): FileLockError {
  return new FileLockError(path, code > 0 ? systemErrorName(code) : "unknown error");
}
