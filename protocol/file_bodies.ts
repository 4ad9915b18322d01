import { badField, type Fields, fieldsOf, sizeField, textField, timeField } from "./fields.ts";
import { isFileName } from "./file_name.ts";
import { MAX_BODY_LENGTH } from "./limits.ts";

/** What becomes of a file that has the name already. */
export const OVERWRITE_POLICIES = ["never", "always", "newer"] as const;

/** `never` keeps it; `always` replaces it; `newer` replaces it if the new file's mtime is later. */
export type OverwritePolicy = typeof OVERWRITE_POLICIES[number];

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

/** Answer to `file.stat`; answer to `file.get`, whose bytes follow; an entry of a list. */
export interface FileInfo {
  name: string;
  /** In bytes. */
  size: number;
  /** Time of last modification, in milliseconds since 1970-01-01 UTC. */
  mtime: number;
}

/** @throws {ProtocolError} `bad-body`. The name is unchecked. */
export function parseFileNameBody(body: unknown): FileNameBody {
  return { name: nameField(fieldsOf(body), "name") };
}

/** @throws {ProtocolError} `bad-body`, also for a name that {@linkcode parseFileName} refuses. */
export function parseFileInfo(body: unknown): FileInfo {
  const fields = fieldsOf(body);
  return {
    name: fileNameField(fields, "name"),
    size: sizeField(fields, "size"),
    mtime: timeField(fields, "mtime"),
  };
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
