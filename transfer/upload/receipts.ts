import { join } from "node:path";
import { bootId } from "../../base/boot_id.ts";
import { removeIfThere } from "../../base/mod.ts";
import type { Held } from "../storage/held.ts";
import { holdDirectory } from "../storage/hold_directory.ts";
import { appendToOwnFile, holdOwnFile } from "../storage/own_files.ts";
import { Pace } from "../storage/pace.ts";
import { Gate } from "../gate.ts";
import { ReceiptFilter } from "./receipt_filter.ts";

/** How long a receipt is kept at least, in milliseconds. */
const KEPT_MS = 60 * 60_000;

/** Receipts of this many milliseconds share a file. */
const SPAN_MS = 30 * 60_000;

/** How much of such a file is read at a time, in bytes, and how much at most. */
const BLOCK_LENGTH = 1024 * 1024;
const SEARCHED_LENGTH = 64 * BLOCK_LENGTH;

/** Up to this size, in bytes, a file is as soon searched as a filter asked. */
const SMALL = 64 * 1024;

/** How many files have a filter: those of the last hour, and of a storage that was in the same place. */
const MAX_FILTERS = 4;

/** The one that was asked last is at the end. */
const filters = new Map<string, ReceiptFilter>();

/** How many searches there are at once; each takes turns with everything else on this thread. */
const searching = new Gate(2);

/** No line is longer, in bytes. */
const MAX_LINE_LENGTH = 256;

/** Of bytes that are no ASCII it makes one character each, so that indices stay. */
const decoder = new TextDecoder("latin1");

const encoder = new TextEncoder();

/** A directory that takes receipts. */
export type ReceiptDirectory = string;

/** That an upload was published; or, with `file`, that it is about to be, by replacing another file. */
export interface Receipt {
  /** Of the upload; see `uploadKey`. */
  key: string;
  /** Of the file's bytes, as 64 lower-case hexadecimal digits. */
  sha256: string;
  /** Which file is about to get the name. */
  file?: FileIdentity;
  /**
   * Whether it is from before the system was started last, when power was lost perhaps, and it may say more
   * than was left; is found out when it is read.
   */
  earlier?: true;
}

/** What tells a file from another of the same name. */
export interface FileIdentity {
  ino: number;
  size: number;
  /** In milliseconds since 1970-01-01 UTC. */
  mtime: number;
}

/** Two of a receipt; a line that was cut short, by a full disk, matches neither. */
const LINE =
  /^(?<key>[0-9a-f]{32}) (?<sha256>[0-9a-f]{64})(?: (?<ino>\d+) (?<size>\d+) (?<mtime>-?\d+))?(?: @(?<boot>[0-9a-f]{8}))?$/;

/**
 * Keeps a receipt, so that every process with the same storage finds it. Many share a file, to which each
 * is appended in one write.
 */
export async function addReceipt(
  directory: ReceiptDirectory,
  receipt: Receipt,
  now = Date.now(),
): Promise<void> {
  using held = holdDirectory(directory);
  using file = appendToOwnFile(held, nameAt(now));
  const bytes = bytesOf(receipt);
  for (let done = 0; done < bytes.length;) done += await file.write(bytes.subarray(done));
}

/** Keeps receipts as {@linkcode addReceipt} does, but on this thread, and opens their file once. */
export class ReceiptLog implements Disposable {
  readonly #directory: Held;
  #open: { name: string; file: Deno.FsFile } | undefined;

  /** @param directory For the receipts; held by the caller for as long. */
  constructor(directory: Held) {
    this.#directory = directory;
  }

  add(receipt: Receipt, now = Date.now()): void {
    const file = this.#fileFor(nameAt(now));
    const bytes = bytesOf(receipt);
    for (let done = 0; done < bytes.length;) done += file.writeSync(bytes.subarray(done));
  }

  [Symbol.dispose](): void {
    this.#open?.file.close();
    this.#open = undefined;
  }

  #fileFor(name: string): Deno.FsFile {
    if (this.#open?.name === name) return this.#open.file;
    this[Symbol.dispose]();
    const file = appendToOwnFile(this.#directory, name);
    this.#open = { name, file };
    return file;
  }
}

/**
 * The last receipt of an upload, if there is one from the last hour; of very many, if it is among the last
 * hundreds of thousands.
 */
export async function findReceipt(
  directory: ReceiptDirectory,
  key: string,
  now = Date.now(),
): Promise<Receipt | undefined> {
  using held = holdDirectory(directory);
  const last = Math.floor(now / SPAN_MS);
  // One more than the clock says: that of another machine may be ahead.
  for (let span = last + 1; span >= Math.floor((now - KEPT_MS) / SPAN_MS); span--) {
    const line = await findLine(held, nameOf(span), key);
    if (line !== undefined) return parseLine(line);
  }
  return undefined;
}

/** Removes the files that hold only receipts that are too old. */
export async function removeOldReceipts(
  directory: ReceiptDirectory,
  now = Date.now(),
): Promise<void> {
  const oldest = Math.floor((now - KEPT_MS) / SPAN_MS);
  for await (const { name } of Deno.readDir(directory)) {
    const span = /^(\d+)\.receipts$/.exec(name)?.[1];
    if (span === undefined || Number(span) >= oldest) continue;
    await removeIfThere(join(directory, name));
  }
}

function nameAt(now: number): string {
  return nameOf(Math.floor(now / SPAN_MS));
}

function nameOf(span: number): string {
  return `${span}.receipts`;
}

function bytesOf({ key, sha256, file }: Receipt): Uint8Array {
  const identity = file === undefined ? "" : ` ${file.ino} ${file.size} ${file.mtime}`;
  const boot = bootTag();
  const mark = boot === undefined ? "" : ` @${boot}`;
  // The line feed in front ends a line that someone could not write to its end.
  return encoder.encode(`\n${key} ${sha256}${identity}${mark}\n`);
}

/** The last line for a key, looked for from the file's end on. */
async function findLine(directory: Held, name: string, key: string): Promise<string | undefined> {
  using held = holdOwnFile(directory, name);
  if (held === undefined) return undefined;
  using file = await Deno.open(held.path);
  const { size, dev, ino, birthtime } = await file.stat();
  if (size <= SMALL) return lastLine(await readText(file, 0, size), key, size);
  const filter = filterOf(`${dev}:${ino}:${birthtime?.getTime()}:${name}`);
  if (!await filter.mayHave(key, file)) return undefined;
  using _turn = await searching.enter();
  const pace = new Pace();
  const first = Math.max(0, size - SEARCHED_LENGTH);
  for (let end = size; end > first;) {
    const begin = Math.max(first, end - BLOCK_LENGTH);
    // A line may begin in this block and end in the next one.
    const text = await readText(file, begin, Math.min(size, end + MAX_LINE_LENGTH));
    const line = lastLine(text, key, end - begin);
    if (line !== undefined) return line;
    end = begin;
    await pace.rest();
  }
  return undefined;
}

/** What is known of a file. */
function filterOf(identity: string): ReceiptFilter {
  const filter = filters.get(identity) ?? new ReceiptFilter();
  filters.delete(identity);
  filters.set(identity, filter);
  const [oldest] = filters.keys();
  if (filters.size > MAX_FILTERS && oldest !== undefined) filters.delete(oldest);
  return filter;
}

/** The last line for a key that begins before an index. */
function lastLine(text: string, key: string, before: number): string | undefined {
  const wanted = `\n${key} `;
  let at = text.lastIndexOf(wanted, before - 1);
  while (at >= 0) {
    const end = text.indexOf("\n", at + 1);
    const line = text.slice(at + 1, end < 0 ? text.length : end);
    if (LINE.test(line)) return line;
    at = at === 0 ? -1 : text.lastIndexOf(wanted, at - 1);
  }
  return undefined;
}

async function readText(file: Deno.FsFile, begin: number, end: number): Promise<string> {
  const bytes = new Uint8Array(end - begin);
  await file.seek(begin, Deno.SeekMode.Start);
  for (let filled = 0; filled < bytes.length;) {
    const count = await file.read(bytes.subarray(filled));
    if (count === null) break;
    filled += count;
  }
  return decoder.decode(bytes);
}

function parseLine(line: string): Receipt | undefined {
  const { key, sha256, ino, size, mtime, boot } = LINE.exec(line)?.groups ?? {};
  if (key === undefined || sha256 === undefined) return undefined;
  const receipt: Receipt = { key, sha256 };
  if (ino !== undefined) {
    receipt.file = { ino: Number(ino), size: Number(size), mtime: Number(mtime) };
  }
  if (boot !== bootTag()) receipt.earlier = true;
  return receipt;
}

/** Tells receipts of this run of the system from earlier ones. */
function bootTag(): string | undefined {
  return bootId()?.slice(0, 8);
}
