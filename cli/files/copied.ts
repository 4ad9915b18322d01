import type { GetResult, PutResult } from "../../client/mod.ts";
import { decodeFileName } from "../../client/mod.ts";
import type { NameMapping } from "./name_mapping.ts";
import type { Skipped } from "./unchanged.ts";

/** With `--dry-run`: a file that would be moved. */
export interface Planned {
  /** Name on the server. */
  name: string;
  /** Where it would be here; of downloads. */
  path?: string;
  /** Size of the file. */
  bytes: number;
  planned: true;
  /** The server, as `HOST:PORT`. */
  server: string;
}

/** A directory with nothing in it. */
export interface CopiedDirectory {
  /** Name on the server. */
  name: string;
  /** Where it is here; of downloads. */
  path?: string;
  bytes: 0;
  directory: true;
  /** Whether it was not there before. */
  made: boolean;
  /** With `--dry-run`: whether it was, is not known for sure. */
  planned?: true;
  server: string;
}

/** What was removed for `--delete`, or, with `planned`, would be. */
export interface Removed extends NamedHere {
  /** Name on the server; of uploads. */
  name?: string;
  /** Where it was here; of downloads. */
  path?: string;
  removed: true;
  planned?: true;
}

/** What became of a file, or of a directory with nothing in it. */
export type Copied = (PutResult | GetResult | Skipped | Planned | CopiedDirectory) & NamedHere;

/** With `--encode-names`. */
export interface NamedHere {
  /** What a name on the server stands for, where that is another. */
  decodedName?: string;
}

/** Says as well what the name on the server stands for, if that is another. */
export function withDecodedName<Result extends { name?: string }>(
  result: Result,
  { encodes }: NameMapping,
): Result & NamedHere {
  if (!encodes || result.name === undefined) return result;
  const decodedName = decodeFileName(result.name);
  return decodedName === result.name ? result : { ...result, decodedName };
}

export function wouldMove(file: Omit<Planned, "planned">): Planned {
  return { ...file, planned: true };
}

export function entryOfDirectory(name: string, made: boolean, server: string): CopiedDirectory {
  return { name, bytes: 0, directory: true, made, server };
}
