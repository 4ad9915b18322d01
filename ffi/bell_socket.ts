import { DoorbellError } from "./doorbell_error.ts";
import { removeIfThere } from "./remove_if_there.ts";

/** Ringers at once: a process and one that takes its place, with some to spare. */
const MAX_RINGERS = 4;

const BUFFER_BYTES = 256;
const OWNER_ONLY = 0o177;

/** From a failure to take a ringer to the next attempt, in milliseconds: files may have run out. */
const RETRY_MS = 100;

/** The sleeper's side of a doorbell: a Unix socket that wakes it with every byte that arrives. */
export class BellSocket {
  readonly #path: string;
  readonly #listener: Deno.UnixListener;
  readonly #ringers = new Set<Deno.UnixConn>();
  readonly #listening: Promise<void>;
  readonly #reading = new Set<Promise<void>>();
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
   * @throws {DoorbellError} `doorbell-failed` when the system refuses.
   */
  static listen(path: string): BellSocket {
    removeIfThere(path);
    const mask = Deno.umask(OWNER_ONLY);
    try {
      return new BellSocket(path, Deno.listen({ transport: "unix", path }));
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      throw new DoorbellError("doorbell-failed", `Cannot listen at ${path}: ${reason}`);
    } finally {
      Deno.umask(mask);
    }
  }

  /** Resolves with the next byte, or with {@linkcode BellSocket.wake}. */
  woken(): Promise<void> {
    this.#sleeper ??= Promise.withResolvers();
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
    for (const ringer of this.#ringers) closeIfOpen(ringer);
    removeIfThere(this.#path);
    await this.#listening;
    await Promise.all(this.#reading);
  }

  async #accept(): Promise<void> {
    while (!this.#closed) {
      try {
        this.#take(await this.#listener.accept());
      } catch {
        if (!this.#closed) await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
      }
    }
  }

  #take(ringer: Deno.UnixConn): void {
    this.#makeRoom();
    this.#ringers.add(ringer);
    const reading = this.#read(ringer);
    this.#reading.add(reading);
    void reading.then(() => this.#reading.delete(reading));
  }

  async #read(ringer: Deno.UnixConn): Promise<void> {
    const buffer = new Uint8Array(BUFFER_BYTES);
    try {
      while (await ringer.read(buffer) !== null) this.wake();
    } catch {
      // Closed by us, or reset by the other side: there are no more rings from it.
    }
    if (this.#ringers.delete(ringer)) closeIfOpen(ringer);
  }

  #makeRoom(): void {
    const [oldest] = this.#ringers;
    if (oldest === undefined || this.#ringers.size < MAX_RINGERS) return;
    this.#ringers.delete(oldest);
    oldest.close();
  }
}

function closeIfOpen(ringer: Deno.UnixConn): void {
  try {
    ringer.close();
  } catch (error) {
    if (!(error instanceof Deno.errors.BadResource)) throw error;
  }
}
