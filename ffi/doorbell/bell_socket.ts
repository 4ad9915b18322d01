import { delay, removeIfThereSync, systemReason } from "../../base/mod.ts";
import { DoorbellError } from "./doorbell_error.ts";

/** Ringers at once: a process and one that takes its place, with some to spare. */
const MAX_RINGERS = 4;

const BUFFER_BYTES = 256;
const OWNER_ONLY = 0o600;
const OWNER_ONLY_DIRECTORY = 0o700;

/** From a failure to take a ringer to the next attempt, in milliseconds: files may have run out. */
const RETRY_MS = 100;

/** The sleeper's side of a doorbell: a Unix socket that wakes it with every byte that arrives. */
export class BellSocket {
  readonly #path: string;
  readonly #listener: Deno.UnixListener;
  /** Each with the read that is under way, if one is. */
  readonly #ringers = new Map<Deno.UnixConn, Promise<void> | undefined>();
  readonly #buffer = new Uint8Array(BUFFER_BYTES);
  readonly #listening: Promise<void>;
  #closed = false;
  #sleeper: PromiseWithResolvers<void> | undefined;

  private constructor(path: string, listener: Deno.UnixListener) {
    this.#path = path;
    this.#listener = listener;
    this.#listening = this.#accept();
  }

  /**
   * Listens at `path`, in place of a process that did so before.
   *
   * The socket is made in a directory of this user's alone, and moved from there: between a bind and a
   * chmod others could connect, and a umask is the whole process's, whose other threads make files.
   *
   * @throws {DoorbellError} `doorbell-failed` when the system refuses.
   */
  static listen(path: string): BellSocket {
    try {
      using undo = new DisposableStack();
      using nursery = new DisposableStack();
      const directory = `${path}.0`;
      const remove = () => removeIfThereSync(directory, { recursive: true });
      remove(); // of a process that was killed right here
      Deno.mkdirSync(directory, { mode: OWNER_ONLY_DIRECTORY });
      nursery.defer(remove);
      const newborn = `${directory}/s`;
      const listener = undo.use(Deno.listen({ transport: "unix", path: newborn }));
      Deno.chmodSync(newborn, OWNER_ONLY);
      Deno.renameSync(newborn, path);
      undo.defer(() => removeIfThereSync(path));
      nursery.dispose();
      const socket = new BellSocket(path, listener);
      undo.move();
      return socket;
    } catch (error) {
      throw new DoorbellError(
        "doorbell-failed",
        `Cannot listen at ${path}: ${systemReason(error)}`,
      );
    }
  }

  /**
   * Resolves with the next byte, or with {@linkcode BellSocket.wake}.
   *
   * Only now is it read, not as soon as the last byte has been: whoever that woke has more urgent
   * things to do than a system call that finds nothing.
   */
  woken(): Promise<void> {
    this.#sleeper ??= Promise.withResolvers();
    for (const [ringer, reading] of this.#ringers) {
      if (reading === undefined) this.#ringers.set(ringer, this.#read(ringer));
    }
    return this.#sleeper.promise;
  }

  /** Wakes the sleeper from within its process. */
  wake(): void {
    this.#sleeper?.resolve();
    this.#sleeper = undefined;
  }

  /** Ends everything, and removes the path. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#listener.close();
    const reading = Array.from(this.#ringers.values());
    for (const ringer of this.#ringers.keys()) this.#drop(ringer);
    try {
      removeIfThereSync(this.#path);
    } finally {
      await this.#listening;
      await Promise.all(reading);
    }
  }

  async #accept(): Promise<void> {
    while (!this.#closed) {
      try {
        this.#take(await this.#listener.accept());
      } catch {
        if (!this.#closed) await delay(RETRY_MS);
      }
    }
  }

  #take(ringer: Deno.UnixConn): void {
    if (this.#closed) return ringer.close();
    const [oldest] = this.#ringers.keys();
    if (oldest !== undefined && this.#ringers.size >= MAX_RINGERS) this.#drop(oldest);
    this.#ringers.set(ringer, undefined);
    // What it has rung before it was taken is in the memory, but its first byte may be still to come.
    if (this.#sleeper) this.#ringers.set(ringer, this.#read(ringer));
  }

  async #read(ringer: Deno.UnixConn): Promise<void> {
    try {
      if (await ringer.read(this.#buffer) === null) this.#drop(ringer);
      else if (this.#ringers.has(ringer)) this.#ringers.set(ringer, undefined);
      this.wake();
    } catch {
      this.#drop(ringer); // closed by us, or reset by the other side: it does not ring any more
    }
  }

  #drop(ringer: Deno.UnixConn): void {
    if (this.#ringers.delete(ringer)) ringer.close();
  }
}
