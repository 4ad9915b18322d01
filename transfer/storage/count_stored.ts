import { WHOLE } from "../../base/quotas.ts";
import { isBelow } from "../../base/name_prefix.ts";
import { PRIVATE_DIRECTORY } from "../../protocol/file_name.ts";
import { isForbidden, isGone } from "./absence.ts";
import { isCopyName } from "./copy_beside.ts";
import type { Held } from "./held.ts";
import type { Pace } from "./pace.ts";
import { countsFor, tokenKey } from "./quotas.ts";
import { readDirectory } from "./read_directory.ts";
import { storerOf } from "./storer_note.ts";

/** A file that was found. */
export interface FoundFile {
  readonly name: string;
  readonly bytes: number;
  /** By which token it was stored, if that was asked for. */
  readonly storer: string | undefined;
}

/**
 * Counts how many bytes are in the files of a storage, for each of some quotas.
 *
 * @param top The storage's directory.
 */
export async function countStored(
  top: Held,
  keys: readonly string[],
  pace: Pace,
): Promise<Map<string, number>> {
  const counts = new Map(keys.map((key) => [key, 0]));
  const storers = keys.some((key) => key.startsWith("t:"));
  const directories = keys.filter((key) => key.startsWith("d:"));
  const add = (key: string, bytes: number) => {
    const count = counts.get(key);
    if (count !== undefined) counts.set(key, count + bytes);
  };
  for (const directory of outermost(keys)) {
    for await (const { name, bytes, storer } of filesBelow(top, directory, pace, storers)) {
      for (const key of directories) if (countsFor(key, name)) add(key, bytes);
      if (storer !== undefined) add(tokenKey(storer), bytes);
    }
  }
  return counts;
}

/**
 * The files below a directory, in no order. What cannot be read is left out.
 *
 * @param directory Empty for all.
 * @param storers Whether it is wanted who has stored them.
 */
export async function* filesBelow(
  top: Held,
  directory: string,
  pace: Pace,
  storers: boolean,
): AsyncGenerator<FoundFile> {
  const directories = [directory];
  for (let at = directories.pop(); at !== undefined; at = directories.pop()) {
    const within = at === "" ? "" : `${at}/`;
    try {
      using held = at === "" ? undefined : await top.openBelowLater(at, "directory");
      const place = held ?? top;
      for await (const entries of readDirectory(place)) {
        for (const { name } of entries) {
          if (pace.due) await pace.rest();
          if (at === "" && name.toLowerCase() === PRIVATE_DIRECTORY) continue;
          const info = statIfThere(place, name);
          if (info?.kind === "directory") directories.push(within + name);
          if (info?.kind !== "file" || isCopyName(name)) continue;
          const storer = storers ? storerOf(`${place.path}/${name}`) : undefined;
          yield { name: within + name, bytes: info.size, storer };
        }
      }
    } catch (error) {
      if (!isGone(error) && !isForbidden(error)) throw error;
    }
  }
}

function statIfThere(directory: Held, name: string) {
  try {
    return directory.statEntry(name);
  } catch (error) {
    if (isGone(error) || isForbidden(error)) return undefined;
    throw error;
  }
}

/** The directories that have all files in them which count for one of some quotas; empty for all there is. */
function outermost(keys: readonly string[]): string[] {
  const names = keys.map((key) => key.slice(2));
  const isAll = keys.some((key, index) => key.startsWith("t:") || names[index] === WHOLE);
  if (isAll) return [""];
  return names.filter((name) => !names.some((other) => isBelow(name, other)));
}
