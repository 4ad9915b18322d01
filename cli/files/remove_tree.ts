import type { Client, FileInfo } from "../../client/mod.ts";
import type { Output } from "../text/output.ts";
import { describeError } from "../text/describe_error.ts";
import { forEachItem } from "./batch.ts";

/** What was removed, or would be. */
export interface Removal {
  name: string;
  files: number;
  /** Those that had nothing in them; the others go with their last files. */
  directories: number;
}

/** How {@linkcode removeTree} goes about it. */
export interface RemoveTreeOptions {
  /** Whether nothing is removed, only counted. */
  dryRun: boolean;
  signal: AbortSignal;
  onUnreadable: (directory: string) => void;
}

/**
 * Removes a directory on a server with all that is in it, many files at a time, or a file; what comes into it
 * meanwhile may stay. What cannot be removed is said, and costs nothing else.
 *
 * @param name Without a slash at its end; empty for everything there is.
 * @throws {RemoteError} `not-found`: nothing has the name.
 */
export async function removeTree(
  client: Client,
  name: string,
  output: Output,
  { dryRun, signal, onUnreadable }: RemoveTreeOptions,
): Promise<Removal> {
  const prefix = name === "" ? "" : `${name}/`;
  const removal: Removal = { name, files: 0, directories: 0 };
  const below = client.list(prefix, { signal, directories: "empty", onUnreadable });
  const remove = async ({ name, directory: isDirectory }: FileInfo) => {
    const directory = isDirectory === true;
    if (!dryRun) await removeIfThere(client, name, directory, signal);
    if (directory) removal.directories++;
    else removal.files++;
  };
  await forEachItem(below, output, remove, { isLight: () => true, keep: false });
  if (removal.files > 0 || removal.directories > 0 || name === "") return removal;
  if (dryRun) await client.stat(name, { signal });
  else await client.remove(name, { signal });
  removal.files++;
  return removal;
}

/** Removes what was there a moment ago. @returns Whether it still was. */
export async function removeIfThere(
  client: Client,
  name: string,
  directory: boolean,
  signal: AbortSignal,
): Promise<boolean> {
  try {
    await client.remove(name, { directory, signal });
    return true;
  } catch (error) {
    if (describeError(error).code !== "not-found") throw error;
    return false;
  }
}
