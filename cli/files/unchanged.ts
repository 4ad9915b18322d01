import type { Client, FileInfo, OverwritePolicy } from "../../client/mod.ts";
import { hashPrefix } from "../../transfer/mod.ts";
import type { Comparison } from "./tree_flags.ts";

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
  path: string;
  size: number;
  /** When it was last modified, in milliseconds since 1970-01-01 UTC. */
  mtime?: number | undefined;
}

/**
 * What a server has under a name; `undefined` if it has no file, or it cannot be told: then the transfer says
 * why.
 */
export async function lookThere(
  client: Client,
  name: string,
  signal: AbortSignal,
): Promise<FileInfo | undefined> {
  try {
    return await client.stat(name, { signal });
  } catch {
    signal.throwIfAborted();
    return undefined;
  }
}

/** What is known of a file at a path; `undefined` if none is there, or it cannot be told. */
export async function lookHere(path: string): Promise<LocalFile | undefined> {
  try {
    const { isFile, size, mtime } = await Deno.lstat(path);
    return isFile ? { path, size, mtime: mtime?.getTime() } : undefined;
  } catch {
    return undefined;
  }
}

/**
 * Why a file would not take the place of another; `undefined` if it would.
 *
 * @param mtime When it was last modified, in milliseconds since 1970-01-01 UTC; by default just now.
 * @param other What is in its place.
 */
export function whyRefused(
  overwrite: OverwritePolicy,
  mtime: number | undefined,
  other: Pick<LocalFile, "mtime"> | undefined,
): "file-exists" | "not-newer" | undefined {
  if (other === undefined || overwrite === "always") return undefined;
  if (overwrite === "never") return "file-exists";
  return (mtime ?? Infinity) <= (other.mtime ?? 0) ? "not-newer" : undefined;
}

/**
 * Whether two files are the same: by size and time, for all that can be told without reading either; or by
 * size and bytes, which both ends read. What else there is, and why it cannot be told, the transfer says.
 */
export async function areSame(
  client: Client,
  here: LocalFile | undefined,
  there: FileInfo | undefined,
  compare: Comparison,
  signal: AbortSignal,
): Promise<boolean> {
  if (compare === undefined || here === undefined || there === undefined) return false;
  if (there.directory || there.size !== here.size) return false;
  if (compare === "time") return there.mtime === here.mtime;
  try {
    const [own, { sha256 }] = await Promise.all([
      sumHere(here, signal),
      client.sum(there.name, { signal }),
    ]);
    return own === sha256;
  } catch {
    signal.throwIfAborted();
    return false;
  }
}

async function sumHere({ path, size }: LocalFile, signal: AbortSignal): Promise<string> {
  using file = await Deno.open(path);
  const { hash } = await hashPrefix(file, size, { signal });
  return hash.digest("hex");
}
