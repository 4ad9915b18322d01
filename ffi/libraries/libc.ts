import { type LibraryLease, NativeLibrary } from "./native_library.ts";

const LIBC_SYMBOLS = {
  ftruncate: {
    parameters: [
      "i32", // int fd
      "i64", // off_t length
    ],
    result: "i32",
  },
  posix_fallocate: {
    parameters: [
      "i32", // int fd
      "i64", // off_t offset
      "i64", // off_t len
    ],
    result: "i32", // the error number itself, not errno
  },
  lseek: {
    parameters: [
      "i32", // int fd
      "i64", // off_t offset
      "i32", // int whence
    ],
    result: "i64",
  },
  mmap: {
    parameters: [
      "pointer", // void *addr
      "usize", // size_t length
      "i32", // int prot
      "i32", // int flags
      "i32", // int fd
      "i64", // off_t offset
    ],
    result: "pointer",
  },
  munmap: {
    parameters: [
      "pointer", // void *addr
      "usize", // size_t length
    ],
    result: "i32",
  },
  open: {
    parameters: [
      "buffer", // const char *pathname
      "i32", // int flags
      "u32", // mode_t mode
    ],
    result: "i32",
  },
  dup2: {
    parameters: [
      "i32", // int oldfd
      "i32", // int newfd
    ],
    result: "i32",
  },
  close: {
    parameters: [
      "i32", // int fd
    ],
    result: "i32",
  },
  kill: {
    parameters: [
      "i32", // pid_t pid
      "i32", // int sig
    ],
    result: "i32",
  },
  socket: {
    parameters: [
      "i32", // int domain
      "i32", // int type
      "i32", // int protocol
    ],
    result: "i32",
  },
  connect: {
    parameters: [
      "i32", // int sockfd
      "buffer", // const struct sockaddr *addr
      "u32", // socklen_t addrlen
    ],
    result: "i32",
  },
  send: {
    parameters: [
      "i32", // int sockfd
      "buffer", // const void *buf
      "usize", // size_t len
      "i32", // int flags
    ],
    result: "isize",
  },
  __errno_location: {
    parameters: [],
    result: "pointer", // int *
  },
} as const satisfies Deno.ForeignLibraryInterface;

const SHM_SYMBOLS = {
  shm_open: {
    parameters: [
      "buffer", // const char *name
      "i32", // int oflag
      "u32", // mode_t mode
    ],
    result: "i32",
  },
  shm_unlink: {
    parameters: [
      "buffer", // const char *name
    ],
    result: "i32",
  },
} as const satisfies Deno.ForeignLibraryInterface;

const LIBC = "libc.so.6";

const libc = new NativeLibrary(openLibc);
const shm = new NativeLibrary(openShm);

/** The C library. @throws {Error} when it cannot be loaded. */
export function leaseLibc(): LibraryLease<typeof LIBC_SYMBOLS> {
  return libc.lease();
}

/** POSIX shared memory. @throws {Error} when the C library has none. */
export function leaseShm(): LibraryLease<typeof SHM_SYMBOLS> {
  return shm.lease();
}

let errnoView: Deno.UnsafePointerView | undefined;

/**
 * The error number of the last call that failed on this thread.
 *
 * Ask right after the call, before anything else is made or called: that could fail as well, and leave
 * its own number. Where the number lies is known beforehand, so that to read it takes no call. It is
 * the thread's own; a call from JavaScript that is not `nonblocking` runs on the thread that asks.
 */
export function errno(): number {
  return errnoView?.getInt32() ?? 0;
}

/** Looked up with the library, and so before any call of it can have failed. */
function openLibc(): Deno.DynamicLibrary<typeof LIBC_SYMBOLS> {
  const library = Deno.dlopen(LIBC, LIBC_SYMBOLS);
  const location = library.symbols.__errno_location();
  errnoView ??= location === null ? undefined : new Deno.UnsafePointerView(location);
  return library;
}

// glibc before 2.34 keeps the two functions in librt.
function openShm(): Deno.DynamicLibrary<typeof SHM_SYMBOLS> {
  try {
    return Deno.dlopen(LIBC, SHM_SYMBOLS);
  } catch {
    return Deno.dlopen("librt.so.1", SHM_SYMBOLS);
  }
}
