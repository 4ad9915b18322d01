import { join } from "node:path";

/** How long a receipt is kept at least, in milliseconds. */
const KEPT_MS = 60 * 60_000;

/** Receipts of this many milliseconds share a file. */
const SPAN_MS = 30 * 60_000;

const APPEND = { append: true, mode: 0o600 } as const;

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
  /^(?<key>[0-9a-f]{32}) (?<sha256>[0-9a-f]{64})(?: (?<ino>\d+) (?<size>\d+) (?<mtime>-?\d+))?$/;

/**
 * Keeps a receipt, so that every process with the same storage finds it. Many share a file, to which each
 * is appended in one write.
 */
export async function addReceipt(
  directory: ReceiptDirectory,
  receipt: Receipt,
  now = Date.now(),
): Promise<void> {
  await Deno.writeTextFile(pathAt(directory, now), textOf(receipt), APPEND);
}

/** Does what {@linkcode addReceipt} does, on this thread. */
export function addReceiptSync(
  directory: ReceiptDirectory,
  receipt: Receipt,
  now = Date.now(),
): void {
  Deno.writeTextFileSync(pathAt(directory, now), textOf(receipt), APPEND);
}

/** The last receipt of an upload, if there is one from the last hour. */
export async function findReceipt(
  directory: ReceiptDirectory,
  key: string,
  now = Date.now(),
): Promise<Receipt | undefined> {
  const last = Math.floor(now / SPAN_MS);
  // One more than the clock says: that of another machine may be ahead.
  for (let span = last + 1; span >= Math.floor((now - KEPT_MS) / SPAN_MS); span--) {
    const lines = await readLines(join(directory, `${span}.receipts`));
    const line = lines.findLast((text) => text.startsWith(key) && LINE.test(text));
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
    try {
      await Deno.remove(join(directory, name));
    } catch (error) {
      if (!(error instanceof Deno.errors.NotFound)) throw error;
    }
  }
}

function pathAt(directory: ReceiptDirectory, now: number): string {
  return join(directory, `${Math.floor(now / SPAN_MS)}.receipts`);
}

function textOf({ key, sha256, file }: Receipt): string {
  const identity = file === undefined ? "" : ` ${file.ino} ${file.size} ${file.mtime}`;
  // The line feed in front ends a line that someone could not write to its end.
  return `\n${key} ${sha256}${identity}\n`;
}

async function readLines(path: string): Promise<string[]> {
  try {
    return (await Deno.readTextFile(path)).split("\n");
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return [];
    throw error;
  }
}

function parseLine(line: string): Receipt | undefined {
  const { key, sha256, ino, size, mtime } = LINE.exec(line)?.groups ?? {};
  if (key === undefined || sha256 === undefined) return undefined;
  if (ino === undefined) return { key, sha256 };
  return { key, sha256, file: { ino: Number(ino), size: Number(size), mtime: Number(mtime) } };
}
