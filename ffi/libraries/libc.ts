import { type SystemFunctions, systemFunctions } from "./system_functions.ts";

const LIBC = {
  // Memory
  memcpy: {
    parameters: [
      "buffer", // void *dest
      "u64", // const void *src
      "usize", // size_t n
    ],
    result: "void", // void *, which is dest
  },

  // Files
  open: {
    parameters: [
      "buffer", // const char *pathname
      "i32", // int flags
      "u32", // mode_t mode
    ],
    result: "i32",
  },
  openat: {
    parameters: [
      "i32", // int dirfd
      "buffer", // const char *pathname
      "i32", // int flags
      "u32", // mode_t mode
    ],
    result: "i32",
  },
  openat2: {
    name: "syscall",
    parameters: [
      "i64", // long number
      "i32", // int dirfd
      "buffer", // const char *pathname
      "buffer", // const struct open_how *how
      "usize", // size_t size
    ],
    result: "i32", // long, of which a descriptor or -1 takes half
  },
  openat2_parked: {
    name: "syscall",
    parameters: ["i64", "i32", "buffer", "buffer", "usize"],
    result: "i32", // long, of which a descriptor or -1 takes half
    nonblocking: true,
  },
  close: {
    parameters: [
      "i32", // int fd
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
  fcntl: {
    parameters: [
      "i32", // int fd
      "i32", // int cmd
      "buffer", // struct flock *lock
    ],
    result: "i32",
  },
  fcntl_flags: {
    name: "fcntl",
    parameters: [
      "i32", // int fd
      "i32", // int cmd
      "i32", // int flags
    ],
    result: "i32",
  },
  read: {
    parameters: [
      "i32", // int fd
      "buffer", // void *buf
      "usize", // size_t count
    ],
    result: "isize",
  },
  write: {
    parameters: [
      "i32", // int fd
      "buffer", // const void *buf
      "usize", // size_t count
    ],
    result: "isize",
  },
  futimens: {
    parameters: [
      "i32", // int fd
      "buffer", // const struct timespec times[2]
    ],
    result: "i32",
  },
  lseek: {
    parameters: [
      "i32", // int fd
      "i64", // off_t offset
      "i32", // int whence
    ],
    result: "i64",
  },
  ftruncate: {
    parameters: [
      "i32", // int fd
      "i64", // off_t length
    ],
    result: "i32",
  },
  fallocate: {
    parameters: [
      "i32", // int fd
      "i32", // int mode
      "i64", // off_t offset
      "i64", // off_t len
    ],
    result: "i32",
  },
  fallocate_parked: {
    name: "fallocate",
    parameters: ["i32", "i32", "i64", "i64"],
    result: "i32",
    nonblocking: true,
  },
  fsync_parked: {
    name: "fsync",
    parameters: [
      "i32", // int fd
    ],
    result: "i32",
    nonblocking: true,
  },
  sync_file_range: {
    parameters: [
      "i32", // int fd
      "i64", // off64_t offset
      "i64", // off64_t nbytes
      "u32", // unsigned int flags
    ],
    result: "i32",
  },
  sync_file_range_parked: {
    name: "sync_file_range",
    parameters: ["i32", "i64", "i64", "u32"],
    result: "i32",
    nonblocking: true,
  },
  io_setup: {
    name: "syscall",
    parameters: [
      "i64", // long number
      "u32", // unsigned int nr_events
      "buffer", // aio_context_t *ctx_idp
    ],
    result: "i32", // long, of which 0 or -1 takes half
  },
  io_submit: {
    name: "syscall",
    parameters: [
      "i64", // long number
      "u64", // aio_context_t ctx_id
      "i64", // long nr
      "buffer", // struct iocb **iocbpp
    ],
    result: "i32", // long, of which a number of files or -1 takes half
  },
  io_getevents_parked: {
    name: "syscall",
    parameters: [
      "i64", // long number
      "u64", // aio_context_t ctx_id
      "i64", // long min_nr
      "i64", // long nr
      "buffer", // struct io_event *events
      "pointer", // struct timespec *timeout
    ],
    result: "i32", // long, of which a number of files or -1 takes half
    nonblocking: true,
  },
  posix_fallocate: {
    parameters: [
      "i32", // int fd
      "i64", // off_t offset
      "i64", // off_t len
    ],
    result: "i32", // the error number itself, not errno
  },
  statfs: {
    parameters: [
      "buffer", // const char *path
      "buffer", // struct statfs *buf
    ],
    result: "i32",
  },
  statx: {
    parameters: [
      "i32", // int dirfd
      "buffer", // const char *pathname
      "i32", // int flags
      "u32", // unsigned int mask
      "buffer", // struct statx *statxbuf
    ],
    result: "i32",
  },
  statx_parked: {
    name: "statx",
    parameters: ["i32", "buffer", "i32", "u32", "buffer"],
    result: "i32",
    nonblocking: true,
  },
  setxattr: {
    parameters: [
      "buffer", // const char *path
      "buffer", // const char *name
      "buffer", // const void *value
      "usize", // size_t size
      "i32", // int flags
    ],
    result: "i32",
  },
  fsetxattr: {
    parameters: [
      "i32", // int fd
      "buffer", // const char *name
      "buffer", // const void *value
      "usize", // size_t size
      "i32", // int flags
    ],
    result: "i32",
  },
  getxattr: {
    parameters: [
      "buffer", // const char *path
      "buffer", // const char *name
      "buffer", // void *value
      "usize", // size_t size
    ],
    result: "isize",
  },
  fgetxattr: {
    parameters: [
      "i32", // int fd
      "buffer", // const char *name
      "buffer", // void *value
      "usize", // size_t size
    ],
    result: "isize",
  },
  removexattr: {
    parameters: [
      "buffer", // const char *path
      "buffer", // const char *name
    ],
    result: "i32",
  },
  linkat: {
    parameters: [
      "i32", // int olddirfd
      "buffer", // const char *oldpath
      "i32", // int newdirfd
      "buffer", // const char *newpath
      "i32", // int flags
    ],
    result: "i32",
  },
  unlinkat: {
    parameters: [
      "i32", // int dirfd
      "buffer", // const char *pathname
      "i32", // int flags
    ],
    result: "i32",
  },
  renameat2: {
    parameters: [
      "i32", // int olddirfd
      "buffer", // const char *oldpath
      "i32", // int newdirfd
      "buffer", // const char *newpath
      "u32", // unsigned int flags
    ],
    result: "i32",
    optional: true, // glibc has it since 2.28
  },
  getdents64: {
    name: "syscall",
    parameters: [
      "i64", // long number
      "i32", // int fd
      "buffer", // void *dirp
      "usize", // size_t count
    ],
    result: "i32", // long, of which a number of bytes or -1 takes half
  },
  getdents64_parked: {
    name: "syscall",
    parameters: ["i64", "i32", "buffer", "usize"],
    result: "i32", // long, of which a number of bytes or -1 takes half
    nonblocking: true,
  },

  // Memory
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
  memfd_create: {
    parameters: [
      "buffer", // const char *name
      "u32", // unsigned int flags
    ],
    result: "i32",
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
  malloc_trim: {
    parameters: [
      "usize", // size_t pad
    ],
    result: "i32",
    nonblocking: true, // takes milliseconds
    optional: true, // glibc's alone
  },

  // Sockets
  socket: {
    parameters: [
      "i32", // int domain
      "i32", // int type
      "i32", // int protocol
    ],
    result: "i32",
  },
  bind: {
    parameters: [
      "i32", // int sockfd
      "buffer", // const struct sockaddr *addr
      "u32", // socklen_t addrlen
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
  if_nametoindex: {
    parameters: [
      "buffer", // const char *ifname
    ],
    result: "u32",
  },
  getsockname: {
    parameters: [
      "i32", // int sockfd
      "buffer", // struct sockaddr *addr
      "buffer", // socklen_t *addrlen
    ],
    result: "i32",
  },
  getsockopt: {
    parameters: [
      "i32", // int sockfd
      "i32", // int level
      "i32", // int optname
      "buffer", // void *optval
      "buffer", // socklen_t *optlen
    ],
    result: "i32",
  },
  setsockopt: {
    parameters: [
      "i32", // int sockfd
      "i32", // int level
      "i32", // int optname
      "buffer", // const void *optval
      "u32", // socklen_t optlen
    ],
    result: "i32",
  },

  // Events
  epoll_create1: {
    parameters: [
      "i32", // int flags
    ],
    result: "i32",
  },
  epoll_wait: {
    parameters: [
      "i32", // int epfd
      "pointer", // struct epoll_event *events
      "i32", // int maxevents
      "i32", // int timeout, milliseconds
    ],
    result: "i32",
  },
  epoll_wait_parked: {
    name: "epoll_wait",
    parameters: ["i32", "pointer", "i32", "i32"],
    result: "i32",
    nonblocking: true,
  },
  epoll_ctl: {
    parameters: [
      "i32", // int epfd
      "i32", // int op
      "i32", // int fd
      "buffer", // struct epoll_event *event
    ],
    result: "i32",
  },
  eventfd: {
    parameters: [
      "u32", // unsigned int initval
      "i32", // int flags
    ],
    result: "i32",
  },
  eventfd_write: {
    parameters: [
      "i32", // int fd
      "u64", // eventfd_t value
    ],
    result: "i32",
  },

  // Processes
  kill: {
    parameters: [
      "i32", // pid_t pid
      "i32", // int sig
    ],
    result: "i32",
  },
  signal: {
    parameters: [
      "i32", // int signum
      "usize", // sighandler_t handler
    ],
    result: "usize",
  },
  clock_getres: {
    parameters: [
      "i32", // clockid_t clockid
      "buffer", // struct timespec *res
    ],
    result: "i32",
  },
  getrlimit: {
    parameters: [
      "i32", // int resource
      "buffer", // struct rlimit *rlim
    ],
    result: "i32",
  },
  setrlimit: {
    parameters: [
      "i32", // int resource
      "buffer", // const struct rlimit *rlim
    ],
    result: "i32",
  },
  __errno_location: {
    parameters: [],
    result: "pointer", // int *
  },
} as const satisfies Deno.ForeignLibraryInterface;

let errnoView: Deno.UnsafePointerView | undefined;

/** The C library of Linux. What ends in `_parked` is called on another thread. */
export const libc: SystemFunctions<typeof LIBC> = systemFunctions(
  ["libc.so.6", "librt.so.1"], // which has shm_open and shm_unlink where glibc is older than 2.34
  LIBC,
  ({ __errno_location }) => {
    const location = __errno_location();
    if (location !== null) errnoView = new Deno.UnsafePointerView(location);
  },
);

/**
 * The error number of the last call that failed on this thread.
 *
 * Ask right after the call, before anything else is made, called or loaded: that could fail as well, and
 * leave its own number. Where the number lies is known beforehand, so that to read it takes no call. It
 * is the thread's own; a call from JavaScript that is not `_parked` runs on the thread that asks.
 */
export function errno(): number {
  return errnoView?.getInt32() ?? 0;
}
