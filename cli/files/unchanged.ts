import type { Client, FileInfo } from "../../client/mod.ts";

/** A file that was not moved: the one that is there is the same. */
export interface Skipped {
  /** Name on the server. */
  name: string;
  /** Where it is here; of downloads. */
  path?: string;
  /** Size of the file. */
  bytes: number;
  skipped: true;
  /** The server, as `HOST:PORT`. */
  server: string;
}

/** What is known of a file here. */
export interface LocalFile {
  size: number;
  /** When it was last modified, in milliseconds since 1970-01-01 UTC. */
  mtime?: number | undefined;
}

/**
 * Whether a server's file has the size and the time of one here, and so, for all that can be told without
 * reading either, is the same. What else there is, and why it cannot be told, the transfer says.
 */
export async function isSameAtServer(
  client: Client,
  name: string,
  { size, mtime }: LocalFile,
  signal: AbortSignal,
): Promise<boolean> {
  let there: FileInfo;
  try {
    there = await client.stat(name, { signal });
  } catch {
    signal.throwIfAborted();
    return false;
  }
  return there.size === size && there.mtime === mtime;
}

/** What is known of a file at a path; `undefined` if none is there, or it cannot be told. */
export async function lookHere(path: string): Promise<LocalFile | undefined> {
  try {
    const { isFile, size, mtime } = await Deno.lstat(path);
    return isFile ? { size, mtime: mtime?.getTime() } : undefined;
  } catch {
    return undefined;
  }
}
