import { parseFileName } from "../../protocol/file_name.ts";
import type { FilePutRequest } from "../../protocol/mod.ts";
import { flushBelow } from "../storage/flush.ts";
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

  async flush(): Promise<void> {
    if (this.#root.durability === "none") return;
    await Promise.all(this.#files.map(async (file, index) => {
      if (file === undefined || await file.flush()) return;
      file[Symbol.dispose]();
      this.#files[index] = undefined;
    }));
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
    await flushBelow(this.#root, directories);
  }

  [Symbol.dispose](): void {
    for (const file of this.#files.splice(0)) file?.[Symbol.dispose]();
  }
}
