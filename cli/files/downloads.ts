import { join } from "node:path";
import { fileError } from "../../transfer/mod.ts";
import { UsageError } from "../errors.ts";
import { isStandardOutput } from "./dash.ts";
import { type NameMapping, PLAIN_NAMES } from "./name_mapping.ts";

/** A file on a server that is to be copied here. */
export interface Download {
  name: string;
  /** Where it is written to. */
  path: string;
  /** What is there takes bytes, and is never replaced: standard output, a pipe, a device. */
  pipe?: boolean;
}

/**
 * Decides where `get` writes to: below the current directory, below the directory `output`, or, for a
 * single name, to the file `output`; or one after the other to a pipe or a device. Nothing is made yet.
 *
 * @param mapping What names on the server are called here.
 * @throws {UsageError} Several files cannot be written to one.
 */
export async function planDownloads(
  names: readonly string[],
  output: string | undefined,
  mapping: NameMapping = PLAIN_NAMES,
): Promise<Download[]> {
  const [only] = names;
  const there = output === undefined ? undefined : await lookAt(output);
  if (output !== undefined && there === "pipe") {
    return names.map((name) => ({ name, path: output, pipe: true }));
  }
  const intoDirectory = output !== undefined && (/[/\\]$/.test(output) || there === "directory");
  if (output !== undefined && !intoDirectory && names.length === 1 && only !== undefined) {
    return [{ name: only, path: output }];
  }
  if (there === "other") {
    throw new UsageError(`Cannot write to "${output}" as to a directory: it is none`);
  }
  const downloads = names.map((name) => ({
    name,
    path: join(output ?? ".", ownName(name, mapping)),
  }));
  refuseDuplicates(downloads);
  return downloads;
}

/** What a file is called here. @param name On the server. */
export function ownName(name: string, { toLocal }: NameMapping): string {
  const segments = name.split("/").length;
  // Of another system, the name may have characters that separate segments on this one.
  return toLocal(name).split("/").slice(segments - 1).join("/");
}

/** What is at a path; `undefined` if nothing is. */
async function lookAt(path: string): Promise<"directory" | "pipe" | "other" | undefined> {
  if (isStandardOutput(path)) return "pipe";
  try {
    const { isDirectory, isFifo, isCharDevice } = await Deno.stat(path);
    if (isFifo || isCharDevice) return "pipe";
    return isDirectory ? "directory" : "other";
  } catch (cause) {
    if (cause instanceof Deno.errors.NotFound) return undefined;
    throw fileError(cause, `Cannot write to "${path}"`);
  }
}

function refuseDuplicates(downloads: readonly Download[]): void {
  const paths = downloads.map((download) => download.path);
  const twice = paths.find((path, index) => paths.indexOf(path) !== index);
  if (twice === undefined) return;
  throw new UsageError(
    `Two files would both be written to "${twice}"; fetch one of them by itself, with -o PATH`,
  );
}
