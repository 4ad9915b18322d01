// Values of fcntl.h and sys/mman.h, Linux.
const O_RDWR = 2;
const PROT = { read: 0x1, write: 0x1 | 0x2 } as const;
const MAP_SHARED = 0x1;
const MAP_FAILED = 0xFFFF_FFFF_FFFF_FFFFn;
const MADV_SEQUENTIAL = 2;
const POSIX_FADV_DONTNEED = 4;

const libc = Deno.dlopen("libc.so.6", {
  open: { parameters: ["buffer", "i32"], result: "i32" },
  close: { parameters: ["i32"], result: "i32" },
  mmap: { parameters: ["pointer", "usize", "i32", "i32", "i32", "i64"], result: "pointer" },
  munmap: { parameters: ["pointer", "usize"], result: "i32" },
  madvise: { parameters: ["pointer", "usize", "i32"], result: "i32" },
  posix_fallocate: { parameters: ["i32", "i64", "i64"], result: "i32" },
  posix_fadvise: { parameters: ["i32", "i64", "i64", "i32"], result: "i32" },
});

/**
 * Part of a file, mapped: for the benchmark alone. Whoever touches it after another process has cut the
 * file short is ended by SIGBUS.
 */
export class FileMapping implements Disposable {
  /** Not to be looked at after the mapping was disposed of. */
  readonly bytes: Uint8Array;
  #pointer: Deno.PointerValue;

  private constructor(pointer: Deno.PointerObject, length: number) {
    this.#pointer = pointer;
    this.bytes = new Uint8Array(Deno.UnsafePointerView.getArrayBuffer(pointer, length));
  }

  /** Maps a part of a file, for reading alone or for writing as well; `offset` in whole pages. */
  static map(path: string, offset: number, length: number, access: keyof typeof PROT): FileMapping {
    return withFile(path, (fd) => {
      const size = BigInt(length);
      const pointer = libc.symbols.mmap(
        null,
        size,
        PROT[access],
        MAP_SHARED,
        fd,
        BigInt(offset),
      );
      if (pointer === null || Deno.UnsafePointer.value(pointer) === MAP_FAILED) {
        throw new Error(`Cannot map ${length} bytes of "${path}"`);
      }
      libc.symbols.madvise(pointer, size, MADV_SEQUENTIAL);
      return new FileMapping(pointer, length);
    });
  }

  /** Gives a file its size, and its place on the disk. */
  static allocate(path: string, length: number): void {
    withFile(path, (fd) => {
      if (libc.symbols.posix_fallocate(fd, 0n, BigInt(length)) === 0) return;
      throw new Error(`Cannot allocate ${length} bytes for "${path}"`);
    });
  }

  /** Drops what memory holds of a file that is on the disk already, so that it must be read again. */
  static dropCache(path: string): void {
    withFile(path, (fd) => libc.symbols.posix_fadvise(fd, 0n, 0n, POSIX_FADV_DONTNEED));
  }

  [Symbol.dispose](): void {
    if (this.#pointer === null) return;
    libc.symbols.munmap(this.#pointer, BigInt(this.bytes.length));
    this.#pointer = null;
  }
}

function withFile<Result>(path: string, use: (fd: number) => Result): Result {
  const fd = libc.symbols.open(new TextEncoder().encode(`${path}\0`), O_RDWR);
  if (fd < 0) throw new Error(`Cannot open "${path}"`);
  try {
    return use(fd);
  } finally {
    libc.symbols.close(fd);
  }
}
