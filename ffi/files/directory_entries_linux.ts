import type { InodeInfo } from "./descriptor_linux.ts";
import { SystemError } from "./system_error.ts";
import { errno, libc } from "../libraries/libc.ts";
import { systemErrorName } from "../libraries/system_error_name.ts";

// Values of sys/syscall.h and fcntl.h. The C library has getdents64 under this name only since 2.30.
const SYS_GETDENTS64 = Deno.build.arch === "aarch64" ? 61n : 217n;
const O_CLOEXEC = 0o2000000;
const O_DIRECTORY = Deno.build.arch === "aarch64" ? 0o40000 : 0o200000;

/** Bytes that are read at once: some thousand entries, whose names take about a millisecond to look at. */
const CHUNK_LENGTH = 32 * 1024;
const CAPACITY = BigInt(CHUNK_LENGTH);

/** Where in `struct linux_dirent64` the length of the record, the kind and the name are. */
const RECORD_LENGTH = 16;
const KIND = 18;
const NAME = 19;

/** An entry of a directory, without `.` and `..`. */
export interface DirectoryEntry {
  readonly name: string;
  /** In bytes, as the file system has the name. */
  readonly length: number;
  /** `undefined`: the file system does not tell without a look at the file. */
  readonly kind: InodeInfo["kind"] | undefined;
}

const KINDS: ReadonlyMap<number, InodeInfo["kind"] | undefined> = new Map([
  [0, undefined],
  [4, "directory"],
  [8, "file"],
  [10, "link"],
]);

const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
const replacing = new TextDecoder("utf-8", { ignoreBOM: true });
let spare: Uint8Array<ArrayBuffer> | undefined;

/** What becomes of entries whose names are not valid UTF-8: they are left out, or told with U+FFFD. */
export type InvalidNames = "left-out" | "replaced";

/**
 * Reads a directory, some thousand entries at a time, on another thread.
 *
 * @throws {SystemError}
 */
export async function* readDirectoryEntries(
  path: string,
  invalidNames: InvalidNames = "left-out",
): AsyncGenerator<DirectoryEntry[]> {
  const fd = libc.open(new TextEncoder().encode(`${path}\0`), O_DIRECTORY | O_CLOEXEC, 0);
  if (fd < 0) throw failure(path, errno());
  const buffer = spare ?? new Uint8Array(CHUNK_LENGTH);
  spare = undefined;
  try {
    for (let last = CHUNK_LENGTH; last > 0;) {
      // Behind a short answer there is mostly nothing more, which the kernel knows at once.
      const short = last < CHUNK_LENGTH / 2;
      last = short
        ? libc.getdents64(SYS_GETDENTS64, fd, buffer, CAPACITY)
        : await libc.getdents64_parked(SYS_GETDENTS64, fd, buffer, CAPACITY);
      // Why, only the other thread knows; it is mostly the same here.
      if (last < 0 && !short) last = libc.getdents64(SYS_GETDENTS64, fd, buffer, CAPACITY);
      if (last < 0) throw failure(path, errno());
      if (last > 0) yield entriesIn(buffer, last, invalidNames);
    }
  } finally {
    spare = buffer;
    libc.close(fd);
  }
}

function entriesIn(
  buffer: Uint8Array<ArrayBuffer>,
  length: number,
  invalidNames: InvalidNames,
): DirectoryEntry[] {
  const view = new DataView(buffer.buffer, buffer.byteOffset, length);
  const entries: DirectoryEntry[] = [];
  for (let at = 0; at < length; at += view.getUint16(at + RECORD_LENGTH, true)) {
    const start = at + NAME;
    const end = buffer.indexOf(0, start);
    const kind = buffer[at + KIND] ?? 0;
    const name = textOf(buffer.subarray(start, end), invalidNames);
    if (name === undefined || name === "." || name === "..") continue;
    entries.push({
      name,
      length: end - start,
      kind: KINDS.has(kind) ? KINDS.get(kind) : "other",
    });
  }
  return entries;
}

function textOf(bytes: Uint8Array, invalidNames: InvalidNames): string | undefined {
  try {
    return utf8.decode(bytes);
  } catch {
    return invalidNames === "replaced" ? replacing.decode(bytes) : undefined;
  }
}

function failure(path: string, code: number): SystemError {
  return new SystemError(systemErrorName(code), path);
}
