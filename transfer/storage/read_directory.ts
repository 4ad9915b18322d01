import {
  type DirectoryEntry,
  readDirectoryEntries,
} from "../../ffi/files/directory_entries_linux.ts";
import type { Held } from "./held.ts";

/** How many entries are looked at in one go. */
const CHUNK = 1000;

const utf8 = new TextEncoder();

/**
 * Reads a directory, some thousand entries at a time. Entries whose names are not valid Unicode are left
 * out.
 *
 * @throws An error with the operating system's code.
 */
export function readDirectory(directory: Held): AsyncIterable<DirectoryEntry[]> {
  return Deno.build.os === "linux" ? readDirectoryEntries(directory.path) : read(directory.path);
}

async function* read(path: string): AsyncGenerator<DirectoryEntry[]> {
  let entries: DirectoryEntry[] = [];
  for await (const { name, isFile, isDirectory } of Deno.readDir(path)) {
    const kind = isFile ? "file" : isDirectory ? "directory" : "other";
    entries.push({ name, length: utf8.encode(name).length, kind });
    if (entries.length < CHUNK) continue;
    yield entries;
    entries = [];
  }
  yield entries;
}
