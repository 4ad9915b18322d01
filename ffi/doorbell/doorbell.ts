import type { Bell } from "./bell.ts";
import { DoorbellError } from "./doorbell_error.ts";
import * as posix from "./doorbell_posix.ts";
import type { SharedMemory } from "../shared_memory/shared_memory.ts";

const platform = Deno.build.os === "windows" ? await import("./doorbell_windows.ts") : posix;

/** Bytes of shared memory that a doorbell takes: a cache line of its own. */
export const DOORBELL_BYTES = 64;

/**
 * Wakes a process that sleeps: one end rings, the other waits.
 *
 * A wait takes no processor time. On Linux it takes no thread either; on Windows, 63 doorbells share
 * one thread of the runtime's pool (4 for each core, shared with file operations). Rings that nobody
 * waited for are one ring.
 */
export class Doorbell implements Disposable, AsyncDisposable {
  readonly #bell: Bell;
  readonly #memory: Disposable;
  #waiting: Promise<void> | undefined;
  #closing: Promise<void> | undefined;
  #closed = false;

  private constructor(memory: SharedMemory, bell: (memory: SharedMemory) => Bell) {
    using undo = new DisposableStack();
    this.#memory = undo.use(memory.hold());
    this.#bell = bell(memory);
    undo.move();
  }

  /**
   * Makes a doorbell at `offset`, a multiple of 64 with {@linkcode DOORBELL_BYTES} bytes behind it.
   *
   * @throws {DoorbellError} `doorbell-unsupported` on systems other than Linux and Windows,
   * `doorbell-failed` when the system refuses.
   */
  static create(memory: SharedMemory, offset: number): Doorbell {
    checkOffset(memory, offset);
    return new Doorbell(memory, (memory) => platform.createBell(memory, offset));
  }

  /** Opens the doorbell that another process made at `offset`. @throws as `create` does. */
  static open(memory: SharedMemory, offset: number): Doorbell {
    checkOffset(memory, offset);
    return new Doorbell(memory, (memory) => platform.openBell(memory, offset));
  }

  /** Wakes whoever waits, or else the next who does. Does nothing after dispose. */
  ring(): void {
    if (!this.#closed) this.#bell.ring();
  }

  /**
   * Resolves with the next ring, or with dispose. Several callers at once share one wait, and all
   * of them are woken.
   *
   * @throws {DoorbellError} `doorbell-closed` after dispose.
   */
  wait(): Promise<void> {
    if (this.#waiting !== undefined) return this.#waiting;
    if (this.#closed) {
      return Promise.reject(
        new DoorbellError("doorbell-closed", "Cannot wait for a doorbell: it is closed"),
      );
    }
    if (this.#bell.take()) return Promise.resolve();
    this.#waiting = this.#park();
    return this.#waiting;
  }

  /**
   * Ends a wait. The memory stays mapped until the sleeping thread has left it, a moment later;
   * `await using` waits for that.
   */
  [Symbol.dispose](): void {
    if (this.#closed) return;
    this.#closed = true;
    if (this.#waiting === undefined) this.#release();
    else this.#bell.ring();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this[Symbol.dispose]();
    await this.#waiting;
    await this.#closing;
  }

  async #park(): Promise<void> {
    try {
      do {
        if (await this.#bell.park()) return;
      } while (!this.#closed);
    } finally {
      this.#waiting = undefined;
      if (this.#closed) this.#release();
    }
  }

  #release(): void {
    this.#closing = this.#bell.close();
    this.#closing.catch(() => {}); // for who waits for it, if anybody does
    this.#memory[Symbol.dispose]();
  }
}

function checkOffset(memory: SharedMemory, offset: number): void {
  const fits = Number.isInteger(offset) && offset >= 0 && offset % DOORBELL_BYTES === 0 &&
    offset + DOORBELL_BYTES <= memory.size;
  if (fits) return;
  throw new RangeError(
    `Cannot place a doorbell at ${offset} in ${memory.size} bytes of shared memory`,
  );
}
