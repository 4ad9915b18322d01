import { SMALL_SIZE } from "../transfer/mod.ts";
import { factsOf, type SourceFacts } from "./source_facts.ts";

/** Something that is sent in one piece. */
export interface SmallSource extends SourceFacts {
  readonly bytes: Uint8Array;
}

/**
 * Reads a small file, on this thread: handing it to another one takes longer.
 *
 * @param source A file's path, or bytes.
 * @returns `undefined` for anything else, and what cannot be read: to be found out with more care.
 */
export function smallSource(source: string | Uint8Array): SmallSource | undefined {
  if (typeof source !== "string") {
    return source.length <= SMALL_SIZE ? { bytes: source } : undefined;
  }
  try {
    return readSmall(source);
  } catch {
    return undefined;
  }
}

function readSmall(path: string): SmallSource | undefined {
  // Looked at before it is opened, as opening a pipe would wait for its other end.
  if (!isSmall(Deno.statSync(path))) return undefined;
  using file = Deno.openSync(path);
  const info = file.statSync();
  if (!isSmall(info)) return undefined;
  const bytes = new Uint8Array(info.size);
  for (let filled = 0; filled < bytes.length;) {
    const count = file.readSync(bytes.subarray(filled));
    if (count === null) return undefined; // it has less, or is becoming shorter
    filled += count;
  }
  return { bytes, ...factsOf(info) };
}

/** What is said to be empty may hold something, or be read without end: not here. */
function isSmall({ isFile, size }: Deno.FileInfo): boolean {
  return isFile && size > 0 && size <= SMALL_SIZE;
}
