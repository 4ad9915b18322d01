import { getSystemErrorName } from "node:util";
import { removeIfThereSync, systemReason } from "../../base/mod.ts";
import { errno, libc } from "../libraries/libc.ts";
import type { Mapping } from "./mapping.ts";
import { nameTaken, noSuchName, SharedMemoryError } from "./shared_memory_error.ts";

// Linux values, fcntl.h and sys/mman.h. shm_open sets FD_CLOEXEC by itself (POSIX).
const O_RDWR = 0o2;
const O_CREAT = 0o100;
const O_EXCL = 0o200;
const OWNER_ONLY = 0o600;
const SEEK_END = 2;
const PROT_READ_WRITE = 0x1 | 0x2;
const MAP_SHARED = 0x1;
const MAP_FAILED = 0xFFFF_FFFF_FFFF_FFFFn;

const ENOENT = 2;
const EEXIST = 17;
const OUT_OF_FILES = new Set([23, 24]); // ENFILE, EMFILE

/** Where POSIX shared memory lives on Linux. */
export const SHM_DIRECTORY = "/dev/shm";

/** Creates an object of exactly `size` zeroed bytes that only this user may open, and maps it. */
export function createMapping(name: string, size: number): Mapping {
  requireLinux(name);
  using undo = new DisposableStack();
  const path = shmPath(name);
  const fd = libc.shm_open(path, O_RDWR | O_CREAT | O_EXCL, OWNER_ONLY);
  if (fd < 0) throw failure("create", name, errno());
  using _file = fileOf(fd);
  undo.defer(() => unlinkMapping(name));
  reserve(fd, name, size);
  const mapping = map(fd, name, size);
  undo.move();
  return mapping;
}

/** Maps an object that exists. */
export function openMapping(name: string): Mapping {
  requireLinux(name);
  const path = shmPath(name);
  const fd = libc.shm_open(path, O_RDWR, 0);
  if (fd < 0) throw failure("open", name, errno());
  using _file = fileOf(fd);
  const size = Number(libc.lseek(fd, 0n, SEEK_END));
  if (size < 0) throw failure("measure", name, errno());
  if (size === 0) {
    throw new SharedMemoryError(
      "shared-memory-empty",
      `Cannot open shared memory "${name}": it is empty`,
    );
  }
  return map(fd, name, size);
}

/** Removes the name, and those of the doorbells in it; names that are gone are no error. */
export function unlinkMapping(name: string): void {
  requireLinux(name);
  removeDoorbells(name);
  const path = shmPath(name);
  if (libc.shm_unlink(path) === 0) return;
  const code = errno();
  if (code !== ENOENT) throw failure("remove", name, code);
}

// Their ends remove them; here it is for a process that was killed.
function removeDoorbells(name: string): void {
  for (const entry of Deno.readDirSync(SHM_DIRECTORY)) {
    if (!entry.name.startsWith(`${name}.`)) continue;
    removeIfThereSync(`${SHM_DIRECTORY}/${entry.name}`, { recursive: true });
  }
}

// ftruncate alone promises pages that a full /dev/shm cannot give: touching them would be SIGBUS.
function reserve(fd: number, name: string, size: number): void {
  const length = BigInt(size);
  if (libc.ftruncate(fd, length) !== 0) throw failure("size", name, errno());
  const code = libc.posix_fallocate(fd, 0n, length);
  if (code !== 0) throw failure("reserve the pages of", name, code);
}

function map(fd: number, name: string, size: number): Mapping {
  using undo = new DisposableStack();
  const length = BigInt(size);
  const pointer = libc.mmap(null, length, PROT_READ_WRITE, MAP_SHARED, fd, 0n);
  if (pointer === null || Deno.UnsafePointer.value(pointer) === MAP_FAILED) {
    throw failure("map", name, errno());
  }
  undo.defer(() => libc.munmap(pointer, length));
  const buffer = Deno.UnsafePointerView.getArrayBuffer(pointer, size);
  const held = undo.move();
  return { buffer, unmap: () => held.dispose() };
}

function fileOf(fd: number): Disposable {
  return { [Symbol.dispose]: () => void libc.close(fd) };
}

function shmPath(name: string): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(`/${name}\0`);
}

function failure(action: string, name: string, code: number): SharedMemoryError {
  if (code === EEXIST) return nameTaken(action, name);
  if (code === ENOENT) return noSuchName(action, name);
  const reason = systemReason(code > 0 ? getSystemErrorName(-code) : "unknown error");
  const advice = OUT_OF_FILES.has(code)
    ? "raise the limit of open files (ulimit -n)"
    : `look at the space and rights of ${SHM_DIRECTORY}`;
  return new SharedMemoryError(
    "shared-memory-failed",
    `Cannot ${action} shared memory "${name}": ${reason}; ${advice}`,
  );
}

function requireLinux(name: string): void {
  if (Deno.build.os === "linux") return;
  throw new SharedMemoryError(
    "shared-memory-unsupported",
    `Cannot use shared memory "${name}" on ${Deno.build.os}: only Linux and Windows are supported`,
  );
}
