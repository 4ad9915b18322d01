import {
  badField,
  type Fields,
  fieldsOf,
  hasField,
  integerField,
  sizeField,
  textField,
  timeField,
} from "./fields.ts";
import { isFileName } from "./file_name.ts";
import { MAX_BODY_LENGTH } from "./limits.ts";

/** What becomes of a file that has the name already. */
export const OVERWRITE_POLICIES = ["never", "always", "newer"] as const;

/** `never` keeps it; `always` replaces it; `newer` replaces it if the new file's mtime is later. */
export type OverwritePolicy = typeof OVERWRITE_POLICIES[number];

/** Which directories a list has as entries of their own. */
export const LISTED_DIRECTORIES = ["empty", "closed"] as const;

/**
 * `empty`: those with nothing in them that a list could have. `closed`: those directly behind the prefix,
 * each in place of all that is in it.
 */
export type ListedDirectories = typeof LISTED_DIRECTORIES[number];

/** Request of `file.stat` and `file.delete`; also the answer to `file.delete`. */
export interface FileNameBody {
  name: string;
}

/** What tells a file from what its name had before. */
export interface FileVersion {
  /** In bytes. */
  size: number;
  /** Time of last modification, in milliseconds since 1970-01-01 UTC. */
  mtime: number;
}

/** Most that the mode of a file may be: who may read, write and execute it. */
export const MAX_MODE = 0o777;

/** Answer to `file.stat`; answer to `file.get`, whose bytes follow; an entry of a list. */
export interface FileInfo {
  name: string;
  /** In bytes; 0 for a directory. */
  size: number;
  /** Time of last modification, in milliseconds since 1970-01-01 UTC. */
  mtime: number;
  /** Who may read, write and execute it, as `chmod` has it, up to {@linkcode MAX_MODE}; absent where there is no such thing. */
  mode?: number;
  /** It is a directory; only in lists that were asked for them. */
  directory?: true;
}

/** @throws {ProtocolError} `bad-body`. The name is unchecked. */
export function parseFileNameBody(body: unknown): FileNameBody {
  return { name: nameField(fieldsOf(body), "name") };
}

/** @throws {ProtocolError} `bad-body`, also for a name that {@linkcode parseFileName} refuses. */
export function parseFileInfo(body: unknown): FileInfo {
  const fields = fieldsOf(body);
  const info: FileInfo = {
    name: fileNameField(fields, "name"),
    size: sizeField(fields, "size"),
    mtime: timeField(fields, "mtime"),
  };
  if (hasField(fields, "mode")) info.mode = modeField(fields, "mode");
  if (fields.directory === true) info.directory = true;
  return info;
}

/** A field that is the mode of a file. @throws {ProtocolError} `bad-body`. */
export function modeField(fields: Fields, field: string): number {
  return integerField(fields, field, 0, MAX_MODE);
}

/** A name or a part of one. What is allowed in it is {@linkcode parseFileName}'s to say. */
export function nameField(fields: Fields, field: string): string {
  return textField(fields, field, MAX_BODY_LENGTH);
}

/** A name as servers answer with: what is refused here will not reach a terminal or a path. */
export function fileNameField(fields: Fields, field: string): string {
  const name = nameField(fields, field);
  if (isFileName(name)) return name;
  throw badField(field, "a file name", name);
}
