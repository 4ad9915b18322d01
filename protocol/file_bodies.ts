import {
  badField,
  type Fields,
  fieldsOf,
  hasField,
  integerField,
  sha256Field,
  sizeField,
  textField,
  timeField,
  uploadIdField,
  wordField,
} from "./fields.ts";
import { isFileName } from "./file_name.ts";
import { MAX_BODY_LENGTH, MAX_LIST_ENTRIES } from "./limits.ts";

/** What becomes of a file that has the name already. */
export const OVERWRITE_POLICIES = ["never", "always", "newer"] as const;

/** `never` keeps it; `always` replaces it; `newer` replaces it if the new file's mtime is later. */
export type OverwritePolicy = typeof OVERWRITE_POLICIES[number];

/** Request of `file.put`; the file's bytes follow. */
export interface FilePutRequest {
  name: string;
  /** In bytes. */
  size: number;
  /** `never` by default. */
  overwrite?: OverwritePolicy;
  /** Time of last modification, in milliseconds since 1970-01-01 UTC; by default, when it is stored. */
  mtime?: number;
  /** The client's own name for this upload; with it, the upload can go on after it was interrupted. */
  id?: string;
  /** The client's own name for what is kept of it then; only with `id`, which it is by default. */
  part?: string;
  /** Where the file's bytes that follow begin, at most `size`; only with `id`, and only after asking. */
  offset?: number;
}

/** Request of `file.resume`: how far has this upload come? */
export interface FileResumeRequest {
  id: string;
  /** By default, `id`. */
  part?: string;
  name: string;
  /** In bytes. */
  size: number;
}

/** Answer to `file.resume`. */
export interface FileResumeResponse {
  /** How many bytes the server has, from the start of the file. */
  offset: number;
  /** The file is stored already: its SHA-256, as 64 lower-case hexadecimal digits. */
  sha256?: string;
}

/** Answer to `file.put`. */
export interface FilePutResponse {
  name: string;
  /** In bytes. */
  size: number;
  /** Of the file's bytes, as 64 lower-case hexadecimal digits. */
  sha256: string;
}

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

/** Request of `file.get`. With an offset, size and time say of which file the bytes before it are. */
export interface FileGetRequest extends Partial<FileVersion> {
  name: string;
  /** From which byte on the file is wanted, at most `size`; 0 by default. */
  offset?: number;
}

/** Answer to `file.stat`; answer to `file.get`, whose bytes follow; an entry of a list. */
export interface FileInfo {
  name: string;
  /** In bytes. */
  size: number;
  /** Time of last modification, in milliseconds since 1970-01-01 UTC. */
  mtime: number;
}

/** Request of `file.list`. */
export interface FileListRequest {
  /** Only names that start with this text; it may end anywhere in a name. */
  prefix?: string;
  /** Only names behind this one: `next` of the page before. */
  after?: string;
  /** Most entries to answer with, 1 to {@linkcode MAX_LIST_ENTRIES}; by default, as many as fit. */
  limit?: number;
}

/** Answer to `file.list`. */
export interface FileListResponse {
  /** In the order of the names' UTF-16 code units. */
  entries: FileInfo[];
  /** There may be more: what to ask for `after`. */
  next?: string;
}

/** @throws {ProtocolError} `bad-body`. The name is unchecked. */
export function parseFilePutRequest(body: unknown): FilePutRequest {
  const fields = fieldsOf(body);
  const request: FilePutRequest = {
    name: nameField(fields, "name"),
    size: sizeField(fields, "size"),
  };
  if (hasField(fields, "overwrite")) {
    request.overwrite = wordField(fields, "overwrite", OVERWRITE_POLICIES);
  }
  if (hasField(fields, "mtime")) request.mtime = timeField(fields, "mtime");
  // What belongs to an id makes no sense without.
  if (["id", "part", "offset"].some((field) => hasField(fields, field))) {
    request.id = uploadIdField(fields, "id");
  }
  if (hasField(fields, "part")) request.part = uploadIdField(fields, "part");
  if (hasField(fields, "offset")) {
    request.offset = integerField(fields, "offset", 0, request.size);
  }
  return request;
}

/** @throws {ProtocolError} `bad-body`. The name is unchecked. */
export function parseFileResumeRequest(body: unknown): FileResumeRequest {
  const fields = fieldsOf(body);
  const request: FileResumeRequest = {
    id: uploadIdField(fields, "id"),
    name: nameField(fields, "name"),
    size: sizeField(fields, "size"),
  };
  if (hasField(fields, "part")) request.part = uploadIdField(fields, "part");
  return request;
}

/** @throws {ProtocolError} `bad-body`. */
export function parseFileResumeResponse(body: unknown): FileResumeResponse {
  const fields = fieldsOf(body);
  const response: FileResumeResponse = { offset: sizeField(fields, "offset") };
  if (hasField(fields, "sha256")) response.sha256 = sha256Field(fields, "sha256");
  return response;
}

/** @throws {ProtocolError} `bad-body`, also for a name that {@linkcode parseFileName} refuses. */
export function parseFilePutResponse(body: unknown): FilePutResponse {
  const fields = fieldsOf(body);
  return {
    name: fileNameField(fields, "name"),
    size: sizeField(fields, "size"),
    sha256: sha256Field(fields, "sha256"),
  };
}

/** @throws {ProtocolError} `bad-body`. The name is unchecked. */
export function parseFileNameBody(body: unknown): FileNameBody {
  return { name: nameField(fieldsOf(body), "name") };
}

/** @throws {ProtocolError} `bad-body`. The name is unchecked. */
export function parseFileGetRequest(body: unknown): FileGetRequest {
  const fields = fieldsOf(body);
  const request: FileGetRequest = { name: nameField(fields, "name") };
  if (!hasField(fields, "offset")) return request;
  const size = sizeField(fields, "size");
  const offset = integerField(fields, "offset", 0, size);
  return { ...request, size, mtime: timeField(fields, "mtime"), offset };
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

/** @throws {ProtocolError} `bad-body`. */
export function parseFileListRequest(body: unknown): FileListRequest {
  const fields = fieldsOf(body);
  const request: FileListRequest = {};
  if (hasField(fields, "prefix")) request.prefix = nameField(fields, "prefix");
  if (hasField(fields, "after")) request.after = nameField(fields, "after");
  if (hasField(fields, "limit")) request.limit = integerField(fields, "limit", 1, MAX_LIST_ENTRIES);
  return request;
}

/** @throws {ProtocolError} `bad-body`, also for a name that {@linkcode parseFileName} refuses. */
export function parseFileListResponse(body: unknown): FileListResponse {
  const fields = fieldsOf(body);
  const { entries } = fields;
  if (!Array.isArray(entries)) throw badField("entries", "an array", entries);
  const response: FileListResponse = { entries: entries.map(parseFileInfo) };
  if (hasField(fields, "next")) response.next = nameField(fields, "next");
  return response;
}

/** A name or a part of one. What is allowed in it is {@linkcode parseFileName}'s to say. */
function nameField(fields: Fields, field: string): string {
  return textField(fields, field, MAX_BODY_LENGTH);
}

/** A name as servers answer with: what is refused here will not reach a terminal or a path. */
function fileNameField(fields: Fields, field: string): string {
  const name = nameField(fields, field);
  if (isFileName(name)) return name;
  throw badField(field, "a file name", name);
}
