import { join } from "node:path";
import { UsageError } from "./errors.ts";

/** A file on a server that is to be copied here. */
export interface Download {
  name: string;
  /** Where it is written to. */
  path: string;
}

/**
 * Decides where `get` writes to: below the current directory, below the directory `output`, or, for a
 * single name, to the file `output`. Directories that are missing are made.
 *
 * @throws {UsageError} Several files cannot be written to one.
 */
export async function planDownloads(
  names: readonly string[],
  output: string | undefined,
): Promise<Download[]> {
  const [only] = names;
  const intoDirectory = output !== undefined &&
    (/[/\\]$/.test(output) || await isDirectory(output));
  if (output !== undefined && !intoDirectory && names.length === 1 && only !== undefined) {
    return [{ name: only, path: output }];
  }
  if (output !== undefined) await makeDirectory(output);
  const downloads = names.map((name) => ({ name, path: join(output ?? ".", lastSegment(name)) }));
  refuseDuplicates(downloads);
  return downloads;
}

function lastSegment(name: string): string {
  return name.slice(name.lastIndexOf("/") + 1);
}

async function isDirectory(path: string): Promise<boolean> {
  try {
    return (await Deno.stat(path)).isDirectory;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

async function makeDirectory(path: string): Promise<void> {
  try {
    await Deno.mkdir(path, { recursive: true });
  } catch (cause) {
    if (!(cause instanceof Deno.errors.AlreadyExists)) throw cause;
    throw new UsageError(`Cannot write several files to "${path}": it is not a directory`);
  }
}

function refuseDuplicates(downloads: readonly Download[]): void {
  const paths = downloads.map((download) => download.path);
  const twice = paths.find((path, index) => paths.indexOf(path) !== index);
  if (twice !== undefined) throw new UsageError(`Two files would both be written to "${twice}"`);
}
