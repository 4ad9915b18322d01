import { getSystemErrorName } from "node:util";
import { FileLockError } from "./file_lock_error.ts";
import { errno, leaseLibc } from "./libc.ts";
import { NativeLibrary } from "./native_library.ts";

const SYMBOLS = {
  open: {
    parameters: [
      "buffer", // const char *path
      "i32", // int oflag
      "u32", // mode_t mode
    ],
    result: "i32",
  },
  fcntl: {
    parameters: [
      "i32", // int fd
      "i32", // int cmd
      "buffer", // struct flock *
    ],
    result: "i32",
  },
} as const satisfies Deno.ForeignLibraryInterface;

// Linux values, fcntl.h. An open file description lock (unlike the older kind) also keeps out other
// descriptors of this process, and is not lost when one of them is closed.
const O_RDWR = 0o2;
const O_CREAT = 0o100;
const O_CLOEXEC = 0o2000000;
const F_OFD_SETLK = 37;
const F_WRLCK = 1;
const NO_LOCKS_HERE = new Set([22, 37, 38, 95]); // EINVAL, ENOLCK, ENOSYS, EOPNOTSUPP
const OWNER_ONLY = 0o600;

const library = new NativeLibrary(() => Deno.dlopen("libc.so.6", SYMBOLS));

/** @returns A function that lets go; `undefined` if someone holds the lock. */
export function tryLock(path: string, offset: number): (() => void) | undefined {
  using lease = library.lease();
  using libc = leaseLibc();
  const name = new TextEncoder().encode(`${path}\0`);
  const fd = lease.symbols.open(name, O_RDWR | O_CREAT | O_CLOEXEC, OWNER_ONLY);
  if (fd < 0) throw failure(path, errno(libc.symbols));
  if (lease.symbols.fcntl(fd, F_OFD_SETLK, writeLock(offset)) === 0) return () => close(fd);
  const code = errno(libc.symbols);
  libc.symbols.close(fd);
  if (NO_LOCKS_HERE.has(code)) throw failure(path, code);
  return undefined;
}

function close(fd: number): void {
  using libc = leaseLibc();
  libc.symbols.close(fd);
}

/** `struct flock` for the byte at `offset`. */
function writeLock(offset: number): Uint8Array<ArrayBuffer> {
  const flock = new DataView(new ArrayBuffer(32));
  flock.setInt16(0, F_WRLCK, true); // l_type; l_whence stays SEEK_SET
  flock.setBigInt64(8, BigInt(offset), true); // l_start
  flock.setBigInt64(16, 1n, true); // l_len
  return new Uint8Array(flock.buffer);
}

function failure(path: string, code: number): FileLockError {
  return new FileLockError(path, code > 0 ? getSystemErrorName(-code) : "unknown error");
}
