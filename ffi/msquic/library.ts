import { locateLibrary } from "./locate.ts";
import { openMsQuic } from "./open_library.ts";
import { Runtime } from "./runtime.ts";

/** Options of {@linkcode Library.open}. */
export interface LibraryOptions {
  /** The library file. Where not given, it is looked up, see `locateLibrary`. */
  path?: string;
}

let shared: { readonly runtime: Runtime; users: number } | undefined;

/**
 * MsQuic, loaded, and driven by an event loop on this thread.
 *
 * Each user opens its own and closes it; all share one MsQuic and one loop, which runs while there
 * is a user.
 *
 * @example
 * ```ts
 * import { Library } from "../mod.ts";
 *
 * await using library = Library.open();
 * console.log(library.version); // 2.5.1
 * ```
 */
export class Library implements AsyncDisposable {
  #closed = false;

  /** For this folder alone: what everything else calls into MsQuic through. */
  readonly runtime: Runtime;

  private constructor(runtime: Runtime) {
    this.runtime = runtime;
  }

  /**
   * Loads MsQuic, if this process has not done so yet, and starts its event loop.
   *
   * @throws {LibraryNotFoundError} If there is no libmsquic to be found.
   * @throws {LibraryLoadError} If the file is not one that can be loaded.
   * @throws {LibraryVersionError} If it is older than 2.5.
   */
  static open(options: LibraryOptions = {}): Library {
    if (shared === undefined) {
      const path = options.path ?? locateLibrary().path;
      shared = { runtime: new Runtime(openMsQuic(path)), users: 0 };
    } else if (options.path !== undefined && options.path !== shared.runtime.path) {
      throw new TypeError(
        `Cannot load MsQuic from ${options.path}: this process already uses ${shared.runtime.path}`,
      );
    }
    shared.users++;
    shared.runtime.loop.start();
    return new Library(shared.runtime);
  }

  /** Where MsQuic was loaded from. */
  get path(): string {
    return this.runtime.path;
  }

  /** MsQuic's version, like `2.5.1`. */
  get version(): string {
    return this.runtime.version;
  }

  /** How many turns the event loop has made, modulo 2^32: stands still when it is stuck. */
  get turns(): number {
    return this.runtime.loop.turns;
  }

  /** Makes the event loop turn once, even if there is nothing to do. */
  nudge(): void {
    this.runtime.loop.nudge();
  }

  /**
   * Sets the key for stateless resets (RFC 9000 section 10.3), for all that this process does with
   * MsQuic. A process with the same key that takes over a port can tell the clients of the one before
   * it at once that their connections are no more.
   *
   * @param key 32 bytes that nobody else knows.
   * @throws {MsQuicError} It has another length.
   */
  setStatelessResetKey(key: Uint8Array<ArrayBuffer>): void {
    this.runtime.setStatelessResetKey(key);
  }

  /** How many of those turns took how long: see `TURN_BOUNDS_MS`. */
  get turnTimes(): ArrayLike<number> {
    return this.runtime.loop.turnTimes.counts;
  }

  /** Lets go of MsQuic; the last user's call stops the event loop. */
  async close(): Promise<void> {
    if (this.#closed || shared === undefined) return;
    this.#closed = true;
    if (--shared.users === 0) await shared.runtime.loop.stop();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}
