import type { Hash } from "node:crypto";
import { type FileStart, hashPrefix } from "../hash_prefix.ts";
import { bootId } from "../../base/boot_id.ts";
import { flushDirectory } from "../../base/flush_directory.ts";
import {
  attributeName,
  getAttribute,
  removeAttribute,
  setAttribute,
} from "../../ffi/files/extended_attribute_linux.ts";

/** Where a part has its journal: it goes wherever the file goes, under any name, and with it. */
const ATTRIBUTE = attributeName("user.msquicd.part");

/** In front is the boot id; an entry is its offset, of 64 bits, and the SHA-256 of all before that. */
const BOOT_LENGTH = 16;
const ENTRY_LENGTH = 40;

/** So many entries at most: from then on, every second of the older ones goes. */
const MAX_ENTRIES = 16;

/** How many bytes behind the last entry there is another one, and after how many milliseconds. */
const STEP = 64 * 1024 * 1024;
const STEP_MS = 5000;

/** What is as soon sent again needs no entry. */
const MIN_STEP = 1024 * 1024;

/** How many bytes, from the start of a file, have which SHA-256. */
export interface JournalEntry {
  readonly offset: number;
  readonly sha256: Uint8Array;
}

/** What is written down of a part. */
interface Journal {
  /** In which run of the system it was written. */
  readonly boot: string | undefined;
  /** By their offsets. */
  readonly entries: readonly JournalEntry[];
}

/** How a journal is kept. */
export interface UploadJournalOptions {
  /** Whether what an entry tells of is flushed to the disk before it is written, and it itself behind that. */
  readonly flushes: boolean;
  /** The directory that the file is in, to be flushed with the first entry. */
  readonly directory: string;
  /** How much of an earlier journal still holds, in bytes; what is behind that is forgotten. */
  readonly offset?: number | undefined;
}

/**
 * Writes down, from time to time, how much there is of a file that is still coming, and which SHA-256 that has.
 * What a killed process leaves is whole; what a power cut leaves may be shorter, or have zeros in it. The
 * journal says from where on that may be so, and whoever goes on looks whether the rest is what it says.
 *
 * On Linux alone, and where there are extended attributes: otherwise nothing is written down, and what is wrong
 * with a part is found when the whole is compared.
 */
export class UploadJournal implements AsyncDisposable {
  readonly #path: string;
  readonly #options: UploadJournalOptions;
  #entries: JournalEntry[];
  #file: Deno.FsFile | undefined;
  #last: { offset: number; at: number };
  #writing: Promise<void> | undefined;
  #over = false;
  #hasLost = false;

  /** @param path Of the file, which is there. */
  constructor(path: string, options: UploadJournalOptions) {
    const { offset = 0 } = options;
    this.#path = path;
    this.#options = options;
    this.#entries = entriesOf(path, offset);
    this.#last = { offset, at: performance.now() };
    write(path, this.#entries);
  }

  /**
   * Whether some of what was written could not be flushed. The system says so once: who goes on with the file
   * would be told that all is well.
   */
  get hasLost(): boolean {
    return this.#hasLost;
  }

  /**
   * So much of the file has been written. It is written down if that is due, while the file goes on.
   *
   * @param hash Of all that.
   */
  reached(offset: number, hash: Hash): void {
    if (this.#writing !== undefined || this.#over) return;
    const more = offset - this.#last.offset;
    if (more < MIN_STEP) return;
    const now = performance.now();
    if (more < STEP && now - this.#last.at < STEP_MS) return;
    this.#last = { offset, at: now };
    const entry = { offset, sha256: hash.copy().digest() };
    this.#writing = this.#write(entry).finally(() => this.#writing = undefined);
  }

  /** The file is whole, and needs no journal any more. */
  async end(): Promise<void> {
    await this[Symbol.asyncDispose]();
    if (Deno.build.os === "linux") removeAttribute(this.#path, ATTRIBUTE);
  }

  /** Writes nothing more. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#over = true;
    await this.#writing;
    this.#file?.close();
    this.#file = undefined;
  }

  async #write(entry: JournalEntry): Promise<void> {
    try {
      // One of its own: the one that is written to would have to wait.
      const file = this.#options.flushes
        ? this.#file ??= await Deno.open(this.#path, { write: true })
        : undefined;
      if (file !== undefined) await this.#flush(file);
      const isFirst = this.#entries.length === 0;
      this.#entries = [...this.#entries, entry];
      if (this.#entries.length > MAX_ENTRIES) {
        this.#entries = this.#entries.filter((_, index) => index % 2 === 0);
      }
      write(this.#path, this.#entries);
      if (file !== undefined) await this.#flush(file);
      if (isFirst && file !== undefined) await flushDirectory(this.#options.directory);
    } catch {
      // Whoever writes to the file is told by the system, too; without an entry, more is sent again.
    }
  }

  async #flush(file: Deno.FsFile): Promise<void> {
    try {
      await file.sync();
    } catch (error) {
      this.#hasLost = true;
      throw error;
    }
  }
}

/**
 * How much of what is there of a file can be gone on from: all of it, unless the system was started since it was
 * begun; then what was written down.
 *
 * @param length How much is there.
 */
export function reliableLength(path: string, length: number): number {
  const journal = read(path);
  if (journal === undefined || journal.boot === bootId()) return length;
  return Math.min(length, journal.entries.at(-1)?.offset ?? 0);
}

/** What was written down of the first `length` bytes of a file. */
export function entriesOf(path: string, length: number): JournalEntry[] {
  return (read(path)?.entries ?? []).filter(({ offset }) => offset <= length);
}

/**
 * Hashes the first `length` bytes of a file, as {@linkcode hashPrefix} does, and compares them with what was
 * written down of them.
 *
 * @returns Without `start` if they differ: then no more than `good` of them are what they were.
 */
export async function hashChecked(
  file: Deno.FsFile,
  length: number,
  entries: readonly JournalEntry[],
): Promise<{ start?: FileStart; good: number }> {
  let start: FileStart | undefined;
  let good = 0;
  for (const { offset, sha256 } of entries) {
    start = await hashPrefix(file, offset, { start });
    if (!start.hash.copy().digest().equals(sha256)) return { good };
    good = offset;
  }
  return { start: await hashPrefix(file, length, { start }), good: length };
}

function read(path: string): Journal | undefined {
  if (Deno.build.os !== "linux") return undefined;
  const bytes = getAttribute(path, ATTRIBUTE, BOOT_LENGTH + MAX_ENTRIES * ENTRY_LENGTH);
  if (bytes === undefined || bytes.length < BOOT_LENGTH) return undefined;
  const entries: JournalEntry[] = [];
  for (let at = BOOT_LENGTH; at + ENTRY_LENGTH <= bytes.length; at += ENTRY_LENGTH) {
    const offset = Number(new DataView(bytes.buffer, at, 8).getBigUint64(0));
    if (offset <= (entries.at(-1)?.offset ?? 0)) return undefined; // none of ours
    entries.push({ offset, sha256: bytes.subarray(at + 8, at + ENTRY_LENGTH) });
  }
  return { boot: bytes.subarray(0, BOOT_LENGTH).toHex(), entries };
}

function write(path: string, entries: readonly JournalEntry[]): void {
  const boot = bootId();
  if (Deno.build.os !== "linux" || boot === undefined) return;
  const bytes = new Uint8Array(BOOT_LENGTH + entries.length * ENTRY_LENGTH);
  bytes.setFromHex(boot);
  for (const [index, { offset, sha256 }] of entries.entries()) {
    const at = BOOT_LENGTH + index * ENTRY_LENGTH;
    new DataView(bytes.buffer).setBigUint64(at, BigInt(offset));
    bytes.set(sha256, at + 8);
  }
  setAttribute(path, ATTRIBUTE, bytes);
}
