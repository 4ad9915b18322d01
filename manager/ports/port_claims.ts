import { FileLock } from "../../ffi/file_lock/file_lock.ts";

/**
 * The ports a manager uses or is about to use, so that two managers of one user never go for the same
 * one: between a look at a port and the worker's own bind, or while a worker is being restarted, it
 * may look free to a second manager.
 */
export class PortClaims implements Disposable {
  readonly #path: string;
  readonly #locks = new Map<number, FileLock>();

  /** @param path The file whose bytes stand for the ports. */
  constructor(path: string) {
    this.#path = path;
  }

  /** Claims a port, unless another manager has. Claiming it twice is the same as once. */
  tryClaim(port: number): boolean {
    if (this.#locks.has(port)) return true;
    const lock = FileLock.tryAcquire(this.#path, port);
    if (!lock) return false;
    this.#locks.set(port, lock);
    return true;
  }

  /** Whether this manager has claimed the port. */
  has(port: number): boolean {
    return this.#locks.has(port);
  }

  release(port: number): void {
    this.#locks.get(port)?.[Symbol.dispose]();
    this.#locks.delete(port);
  }

  [Symbol.dispose](): void {
    for (const lock of this.#locks.values()) lock[Symbol.dispose]();
    this.#locks.clear();
  }
}
