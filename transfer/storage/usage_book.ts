import type { Held } from "./held.ts";
import { holdOwnFile } from "./own_files.ts";
import { USAGE_FILE as NAME } from "./usage_file.ts";

const VERSION = 1;

/** Words of 64 bits in front of the numbers: version, whether it is in use, and the next three. */
const HEAD = 5;
const IN_USE = 1;
const COUNTED_AT = 2;
const COUNT_MS = 3;
const KEYS = 4;

/** Longest file that is read, in bytes. */
const MAX_LENGTH = 1024 * 1024;

const utf8 = new TextEncoder();
const utf8Decoder = new TextDecoder("utf-8", { fatal: true });

/** What is used of a quota, in bytes. */
export interface Used {
  stored: number;
  /** No less than what is promised to uploads that are under way, and kept of interrupted ones. */
  promised: number;
}

/**
 * What is used of quotas, in a file that all processes with the same storage share, of whom one at a time may
 * have it open. While something is changed it says that it is in use: whoever finds it so knows that somebody
 * has died meanwhile, and counts anew.
 */
export class UsageBook implements Disposable {
  readonly #file: Deno.FsFile;
  #used = new Map<string, Used>();
  #directories: string[] | undefined;
  #countedAt = -Infinity;
  #countMs = 0;
  #usable = false;
  /** Whether the file has been written since it was opened. */
  #written = false;
  #inUse = false;
  /** Whether the file says so. */
  #marked = false;
  #changed = false;

  private constructor(file: Deno.FsFile) {
    this.#file = file;
  }

  /**
   * Opens the file, making it if there is none.
   *
   * @param own The storage's own directory.
   */
  static open(own: Held): UsageBook {
    using there = holdOwnFile(own, NAME);
    const file = there === undefined
      ? Deno.openSync(`${own.path}/${NAME}`, {
        read: true,
        write: true,
        createNew: true,
        mode: 0o600,
      })
      : Deno.openSync(there.path, { read: true, write: true });
    const book = new UsageBook(file);
    try {
      if (there !== undefined) book.#read();
    } catch {
      book.#usable = false; // what is in it makes no sense: it is written anew
    }
    return book;
  }

  /** When what is in it was counted, in milliseconds since 1970; `undefined`: it has to be counted. */
  get countedAt(): number | undefined {
    return this.#usable ? this.#countedAt : undefined;
  }

  /** How long that took, in milliseconds. */
  get countMs(): number {
    return this.#countMs;
  }

  get keys(): string[] {
    return [...this.#used.keys()];
  }

  /** Of these, the quotas of directories. */
  get directories(): readonly string[] {
    return this.#directories ??= this.keys.filter((key) => key.startsWith("d:"));
  }

  /** What is used of a quota; `undefined` if that was not counted. */
  used(key: string): Used | undefined {
    return this.#used.get(key);
  }

  /** From now on, until {@linkcode settle}, what is in it may not be what there is. */
  begin(): void {
    this.#inUse = true;
    if (this.#marked) return;
    this.#marked = true;
    this.#writeAt(IN_USE * 8, new Float64Array([1]));
  }

  /** What is in it is what there is. */
  settle(): void {
    this.#inUse = false;
    this.#changed = true;
  }

  /** Adds to what is used of a quota, if that is counted. */
  add(key: string, { stored = 0, promised = 0 }: Partial<Used>): void {
    const used = this.#used.get(key);
    if (used === undefined) return;
    used.stored = Math.max(0, used.stored + stored);
    used.promised = Math.max(0, used.promised + promised);
    this.#changed = true;
  }

  /** Has other things be used, as they have been counted. */
  renew(used: Map<string, Used>, countedAt: number, countMs: number): void {
    this.#used = used;
    this.#directories = undefined;
    this.#countedAt = countedAt;
    this.#countMs = countMs;
    this.#usable = true;
    this.#written = false;
    this.#changed = true;
  }

  /** Writes what has changed. If it cannot be written, it is counted anew by who comes next. */
  [Symbol.dispose](): void {
    try {
      if (this.#changed && this.#usable && !this.#inUse) this.#write();
    } catch {
      this.#spoil();
    } finally {
      this.#file.close();
    }
  }

  #read(): void {
    const { size } = this.#file.statSync();
    if (size < HEAD * 8 || size > MAX_LENGTH) return;
    const bytes = new Uint8Array(size);
    let length = 0;
    while (length < size) {
      const count = this.#file.readSync(bytes.subarray(length));
      if (count === null) return;
      length += count;
    }
    const head = new Float64Array(bytes.buffer, 0, HEAD);
    const count = head[KEYS] ?? 0;
    if (head[0] !== VERSION || head[IN_USE] !== 0) return;
    const numbers = new Float64Array(bytes.buffer, HEAD * 8, count * 2);
    const keys: unknown = JSON.parse(utf8Decoder.decode(bytes.subarray((HEAD + count * 2) * 8)));
    if (!Array.isArray(keys) || keys.length !== count) return;
    for (const [index, key] of keys.entries()) {
      const [stored = 0, promised = 0] = numbers.subarray(index * 2, index * 2 + 2);
      this.#used.set(String(key), { stored, promised });
    }
    this.#countedAt = head[COUNTED_AT] ?? 0;
    this.#countMs = head[COUNT_MS] ?? 0;
    this.#usable = true;
    this.#written = true;
  }

  #write(): void {
    const count = this.#used.size;
    const words = new Float64Array(HEAD + count * 2);
    words.set([VERSION, this.#written ? 0 : 1, this.#countedAt, this.#countMs, count]);
    let at = HEAD;
    for (const { stored, promised } of this.#used.values()) {
      words[at++] = stored;
      words[at++] = promised;
    }
    this.#writeAt(0, words);
    if (this.#written) return;
    const names = utf8.encode(JSON.stringify(this.keys));
    this.#writeAt(words.byteLength, names);
    this.#file.truncateSync(words.byteLength + names.length);
    // Only now all of it is there.
    this.#writeAt(IN_USE * 8, new Float64Array([0]));
  }

  /** Says that what is in it is not to be used. */
  #spoil(): void {
    try {
      this.#file.truncateSync(0);
    } catch {
      // It still says that it is in use.
    }
  }

  #writeAt(offset: number, data: Float64Array<ArrayBuffer> | Uint8Array<ArrayBuffer>): void {
    const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
    this.#file.seekSync(offset, Deno.SeekMode.Start);
    for (let done = 0; done < bytes.length;) done += this.#file.writeSync(bytes.subarray(done));
  }
}
