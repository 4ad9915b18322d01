import type { Mapping } from "./mapping.ts";
import { SharedMemoryError } from "./shared_memory_error.ts";
import * as posix from "./shared_memory_posix.ts";

const platform = Deno.build.os === "windows" ? await import("./shared_memory_windows.ts") : posix;

/** Room for what is derived from a name, such as a doorbell's, below the 255 bytes of NAME_MAX. */
const MAX_NAME_BYTES = 200;

/**
 * Memory that several processes see at once.
 *
 * Whoever knows the name and is the same user can open it. The name outlives the process that
 * made it on POSIX (until {@linkcode SharedMemory.unlink}); on Windows the object goes with the
 * last process that has it open.
 */
export class SharedMemory implements Disposable {
  readonly name: string;
  /** Bytes. Windows rounds what is opened (not what is created) up to whole pages. */
  readonly size: number;
  readonly #mapping: Mapping;
  #holds = 0;
  #disposed = false;
  #mapped = true;

  private constructor(name: string, mapping: Mapping) {
    this.name = name;
    this.size = mapping.buffer.byteLength;
    this.#mapping = mapping;
  }

  /**
   * Makes a new object of zeroed bytes that only this user can open, and maps it.
   *
   * @param size Bytes, at least 1.
   * @throws {SharedMemoryError} `shared-memory-exists` when the name is taken,
   * `shared-memory-failed` when the system has no memory or no right to give.
   */
  static create(name: string, size: number): SharedMemory {
    checkName(name);
    if (!Number.isSafeInteger(size) || size < 1) {
      throw new RangeError(`Cannot create shared memory of ${size} bytes: at least 1 is needed`);
    }
    return new SharedMemory(name, platform.createMapping(name, size));
  }

  /**
   * Maps an object that exists.
   *
   * @throws {SharedMemoryError} `shared-memory-not-found` when there is none of that name.
   */
  static open(name: string): SharedMemory {
    checkName(name);
    return new SharedMemory(name, platform.openMapping(name));
  }

  /** Removes the name, not the memory of those who have it open. A name may be gone already. */
  static unlink(name: string): void {
    checkName(name);
    platform.unlinkMapping(name);
  }

  /** The mapping itself. It is detached, and so of length 0, once the memory is unmapped. */
  get buffer(): ArrayBuffer {
    return this.#mapping.buffer;
  }

  /**
   * Keeps the memory mapped until the answer is disposed, even when the memory is disposed before:
   * for native calls that run on other threads and still hold its address.
   *
   * @throws {SharedMemoryError} `shared-memory-closed` after dispose.
   */
  hold(): Disposable {
    if (this.#disposed) {
      throw new SharedMemoryError(
        "shared-memory-closed",
        `Cannot use shared memory "${this.name}": it is closed`,
      );
    }
    this.#holds++;
    let released = false;
    return {
      [Symbol.dispose]: () => {
        if (released) return;
        released = true;
        this.#holds--;
        this.#unmapWhenFree();
      },
    };
  }

  [Symbol.dispose](): void {
    this.#disposed = true;
    this.#unmapWhenFree();
  }

  #unmapWhenFree(): void {
    if (!this.#disposed || this.#holds > 0 || !this.#mapped) return;
    this.#mapped = false;
    // Detaches every view of it: a late access finds an empty array, not unmapped memory.
    this.#mapping.buffer.transfer();
    this.#mapping.unmap();
  }
}

function checkName(name: string): void {
  const bytes = new TextEncoder().encode(name).length;
  const plain = !["/", "\\", "\0"].some((character) => name.includes(character));
  if (plain && bytes > 0 && bytes <= MAX_NAME_BYTES && !name.startsWith(".")) return;
  throw new RangeError(
    `Cannot name shared memory ${JSON.stringify(name)}: 1 to ${MAX_NAME_BYTES} bytes are needed, ` +
      "without slash, backslash, NUL and leading dot",
  );
}
