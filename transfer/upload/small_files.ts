import { parseFileName } from "../../protocol/file_name.ts";
import type { FilePutRequest } from "../../protocol/mod.ts";
import { storageError } from "../errors.ts";
import { flushBelow } from "../storage/flush.ts";
import { flushEntries, writeOutEntries } from "../storage/flush_entries.ts";
import type { NewEntry } from "../storage/held.ts";
import type { SmallFileBatch } from "../storage/file_storage.ts";
import { type OwnedRoot, SmallFile } from "./small_file.ts";

/** Small files in a directory of a local disk; as far as the storage's durability asks for it, they are flushed. */
export class SmallFiles implements SmallFileBatch {
  readonly #root: OwnedRoot;
  readonly #files: (SmallFile | undefined)[] = [];
  /** The segments of the names of directories with files that have got their names. */
  readonly #directories: string[][] = [];

  constructor(root: OwnedRoot) {
    this.#root = root;
  }

  add(request: FilePutRequest, content: Uint8Array, storer?: string): void {
    this.#files.push(SmallFile.stage(this.#root, request, content, storer));
  }

  skip(): void {
    this.#files.push(undefined);
  }

  writeOut(): Promise<void> {
    return this.#doForAll(writeOutEntries);
  }

  flush(): Promise<void> {
    return this.#doForAll(flushEntries);
  }

  place(index: number, { name }: FilePutRequest): string | undefined {
    using file = this.#files[index];
    this.#files[index] = undefined;
    const sha256 = file?.place();
    if (sha256 !== undefined) this.#directories.push(parseFileName(name).slice(0, -1));
    return sha256;
  }

  async flushNames(): Promise<void> {
    const directories = this.#directories.splice(0);
    if (this.#root.durability !== "full" || directories.length === 0) return;
    try {
      await flushBelow(this.#root, directories);
    } catch (cause) {
      throw storageError(cause, "Cannot store the files received");
    }
  }

  /** Gives up those for which it fails. */
  async #doForAll(step: (entries: readonly NewEntry[]) => Promise<boolean[]>): Promise<void> {
    if (this.#root.durability === "none") return;
    const there = [...this.#files.entries()].flatMap(([index, file]) =>
      file === undefined ? [] : [{ index, file }]
    );
    const done = await step(there.map(({ file }) => file.entry));
    for (const [at, { index, file }] of there.entries()) {
      if (done[at]) continue;
      file[Symbol.dispose]();
      this.#files[index] = undefined;
    }
  }

  [Symbol.dispose](): void {
    for (const file of this.#files.splice(0)) file?.[Symbol.dispose]();
  }
}
