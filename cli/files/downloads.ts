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

/** Where `get` writes to: one file, a directory in which each has its own name, or what takes bytes. */
export interface Destination {
  kind: "file" | "directory" | "pipe";
  path: string;
}

/**
 * Decides where `get` writes to: below the current directory, below the directory `output`, or, for a
 * single name, to the file `output`; or one after the other to a pipe or a device. Nothing is made yet.
 *
 * @param several Whether there can be more than one file.
 * @throws {UsageError} Several files cannot be written to one.
 */
export async function chooseDestination(
  output: string | undefined,
  several: boolean,
): Promise<Destination> {
  if (output === undefined) return { kind: "directory", path: "." };
  const there = await lookAt(output);
  if (there === "pipe") return { kind: "pipe", path: output };
  const intoDirectory = several || /[/\\]$/.test(output) || there === "directory";
  if (!intoDirectory) return { kind: "file", path: output };
  if (there !== "other") return { kind: "directory", path: output };
  throw new UsageError(`Cannot write to "${output}" as to a directory: it is none`);
}

/**
 * Where each file is written to. One that is named twice is fetched once, except into a pipe.
 *
 * @param mapping What names on the server are called here.
 * @throws {UsageError} Two files would be written to one.
 */
export function planDownloads(
  names: readonly string[],
  { kind, path }: Destination,
  mapping: NameMapping = PLAIN_NAMES,
): Download[] {
  if (kind === "pipe") return names.map((name) => ({ name, path, pipe: true }));
  if (kind === "file") return names.map((name) => ({ name, path }));
  const taken = new Map<string, string>();
  for (const name of names) {
    const place = join(path, ownName(name, mapping));
    const other = taken.get(place) ?? name;
    if (other !== name) {
      throw new UsageError(
        `"${other}" and "${name}" would both be written to "${place}"; fetch one of them by itself, with -o PATH`,
      );
    }
    taken.set(place, name);
  }
  return Array.from(taken, ([path, name]) => ({ name, path }));
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
