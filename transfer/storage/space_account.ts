/** Room on a disk that is promised to an upload. */
export interface Reservation extends Disposable {
  /** How many bytes are still to come: those that were written take up room by themselves. */
  left(bytes: number): void;
}

/**
 * What one process has promised of a disk's free space, so that it does not promise it twice. Other
 * processes, and other workers, it sees only by what they have written.
 */
export class SpaceAccount {
  #promised = 0;

  /**
   * Promises room.
   *
   * @param directory On the file system that the bytes are to be written to.
   * @param makeRoom Is asked for as many bytes as are missing; returns whether it has made the room.
   * @returns `undefined` if there is not enough.
   */
  async reserve(
    directory: string,
    bytes: number,
    makeRoom: (bytes: number) => Promise<boolean>,
  ): Promise<Reservation | undefined> {
    for (let asked = false;; asked = true) {
      const free = await freeBytes(directory);
      const missing = bytes + this.#promised - free;
      if (missing <= 0) break; // and promised at once, before anybody else looks
      if (asked || !await makeRoom(missing)) return undefined;
    }
    this.#promised += bytes;
    let promised = bytes;
    const left = (bytes: number) => {
      this.#promised += bytes - promised;
      promised = bytes;
    };
    return { left, [Symbol.dispose]: () => left(0) };
  }
}

/** Bytes that may still be written to a directory's file system; `Infinity` if it does not tell. */
export async function freeBytes(directory: string): Promise<number> {
  try {
    // Only when it is needed: it takes 6 ms to load.
    const { statfs } = await import("node:fs/promises");
    const { bavail, bsize } = await statfs(directory);
    return bavail * bsize;
  } catch {
    return Infinity;
  }
}
