import { getLogger } from "@logtape/logtape";
import { SharedMemory } from "../ffi/mod.ts";
import { readPrivateFile, removeIfThere, writePrivateFile } from "./private_files.ts";

const logger = getLogger(["msquicd", "manager"]);

/**
 * Remembers on disk which shared memory a manager has made, so that the next one can remove it if
 * neither this one nor its workers get to. On Windows the system does that by itself.
 */
export class SegmentLedger {
  readonly #path: string;
  readonly #names = new Set<string>();
  #writing: Promise<void> = Promise.resolve();

  /** @param path The file to keep it in. */
  constructor(path: string) {
    this.#path = path;
  }

  /**
   * Removes what an earlier manager has left behind.
   *
   * @returns Whether there was anything, which means that it was killed.
   */
  async sweep(): Promise<boolean> {
    const text = await readPrivateFile(this.#path);
    if (text === undefined) return false;
    for (const name of text.split("\n")) {
      if (/^msquicd-[a-z0-9-]+$/.test(name)) SharedMemory.unlink(name);
    }
    await removeIfThere(this.#path);
    return true;
  }

  /** Settled once it is on disk. */
  add(name: string): Promise<void> {
    this.#names.add(name);
    this.#save();
    return this.flush();
  }

  remove(name: string): void {
    this.#names.delete(name);
    this.#save();
  }

  /** Settled once everything so far is on disk. */
  flush(): Promise<void> {
    return this.#writing;
  }

  #save(): void {
    this.#writing = this.#writing.then(() => this.#write()).catch((error) => {
      logger.warning("Cannot write {path}: {error}", { path: this.#path, error });
    });
  }

  async #write(): Promise<void> {
    if (this.#names.size === 0) return await removeIfThere(this.#path);
    await writePrivateFile(this.#path, [...this.#names, ""].join("\n"), { durable: false });
  }
}
