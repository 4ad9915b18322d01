import { readSmallFile } from "../ffi/mod.ts";
import { SMALL_SIZE } from "../transfer/mod.ts";
import { factsOf, type SourceFacts } from "./source_facts.ts";

/** Something that is sent in one piece. */
export interface SmallSource extends SourceFacts {
  readonly bytes: Uint8Array;
}

/** Takes one file at a time. */
const scratch = new Uint8Array(SMALL_SIZE);

/**
 * Reads a small file, on this thread: handing it to another one takes longer.
 *
 * @param source A file's path, or bytes.
 * @returns `undefined` for anything else, and what cannot be read: to be found out with more care.
 */
export function smallSource(source: string | Uint8Array): SmallSource | undefined {
  const found = borrowSmall(source);
  if (found === undefined || typeof source !== "string") return found;
  return { ...found, bytes: found.bytes.slice() };
}

/** Does what {@linkcode smallSource} does; the bytes of a file are valid until the next call. */
export function borrowSmall(source: string | Uint8Array): SmallSource | undefined {
  if (typeof source !== "string") {
    return source.length <= SMALL_SIZE ? { bytes: source } : undefined;
  }
  if (Deno.build.os === "linux") return readOnLinux(source);
  try {
    return readSmall(source);
  } catch {
    return undefined;
  }
}

function readOnLinux(path: string): SmallSource | undefined {
  const inode = readSmallFile(path, scratch);
  // What is said to be empty may hold something, or be read without end: not here.
  if (inode === undefined || inode.size === 0) return undefined;
  const { size, mtime, mode } = inode;
  return { bytes: scratch.subarray(0, size), mtime, ...(mode === undefined ? {} : { mode }) };
}

function readSmall(path: string): SmallSource | undefined {
  // Looked at before it is opened, as opening a pipe would wait for its other end.
  if (!isSmall(Deno.statSync(path))) return undefined;
  using file = Deno.openSync(path);
  const info = file.statSync();
  if (!isSmall(info)) return undefined;
  const bytes = scratch.subarray(0, info.size);
  for (let filled = 0; filled < bytes.length;) {
    const count = file.readSync(bytes.subarray(filled));
    if (count === null) return undefined; // it has less, or is becoming shorter
    filled += count;
  }
  return { bytes, ...factsOf(info) };
}

function isSmall({ isFile, size }: Deno.FileInfo): boolean {
  return isFile && size > 0 && size <= SMALL_SIZE;
}
