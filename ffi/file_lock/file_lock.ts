import * as posix from "./file_lock_posix.ts";

const platform = Deno.build.os === "windows" ? await import("./file_lock_windows.ts") : posix;

/**
 * An exclusive lock on one byte of a file, or several, held until it is disposed or the process ends, however it
 * ends. It keeps out everyone else who asks for the same byte, in this process too, and nobody who
 * does not ask. The byte need not exist.
 */
export class FileLock implements Disposable {
  #release: (() => void) | undefined;

  private constructor(release: () => void) {
    this.#release = release;
  }

  /**
   * Takes the lock if nobody holds it. Does not wait.
   *
   * @param path The file.
   * @param offset Which byte, from 0 up.
   * @param options.length How many bytes from there on, of which nobody may hold any; one by default.
   * @param options.create Whether to make the file, for its owner alone, if there is none.
   * @returns `undefined` if someone holds it.
   * @throws {FileLockError} If the file cannot be opened or the file system has no locks.
   */
  static tryAcquire(
    path: string,
    offset = 0,
    { create = true, length = 1 } = {},
  ): FileLock | undefined {
    const release = platform.tryLock(path, offset, length, create);
    return release && new FileLock(release);
  }

  [Symbol.dispose](): void {
    this.#release?.();
    this.#release = undefined;
  }
}
