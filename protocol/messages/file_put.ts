import { type Compression, COMPRESSIONS } from "../blocks.ts";
import type { MessageDefinition } from "../definition.ts";
import {
  booleanField,
  fieldsOf,
  hasField,
  integerField,
  sha256Field,
  sizeField,
  timeField,
  uploadIdField,
  wordField,
} from "../fields.ts";
import {
  fileNameField,
  modeField,
  nameField,
  OVERWRITE_POLICIES,
  type OverwritePolicy,
} from "../file_bodies.ts";

/** Request of `file.put`; the file's bytes follow. */
export interface FilePutRequest {
  name: string;
  /** In bytes. */
  size: number;
  /** `never` by default. */
  overwrite?: OverwritePolicy;
  /** Time of last modification, in milliseconds since 1970-01-01 UTC; by default, when it is stored. */
  mtime?: number;
  /** Who may read, write and execute it, up to 0o777, less what the server's mask takes; by default 0o644. */
  mode?: number;
  /** The client's own name for this upload; with it, the upload can go on after it was interrupted. */
  id?: string;
  /** The client's own name for what is kept of it then; only with `id`, which it is by default. */
  part?: string;
  /** Where the file's bytes that follow begin, at most `size`; only with `id`, and only after asking. */
  offset?: number;
  /** The SHA-256 behind the bytes is not theirs, and is not to be compared. */
  unverified?: true;
  /** How the bytes that follow come: in blocks, of which each may be compressed; as they are by default. */
  compression?: Compression;
}

/** Answer to `file.put`. */
export interface FilePutResponse {
  /** Under which it is stored, which may be another one than was asked for. */
  name: string;
  /** In bytes. */
  size: number;
  /** Of the file's bytes, as 64 lower-case hexadecimal digits. */
  sha256: string;
}

/** Stores a file. */
export const filePut: MessageDefinition<FilePutRequest, FilePutResponse, 16> = {
  type: 16,
  name: "file.put",
  right: "write",
  names: ({ name }) => [name],
  parseRequest: parseFilePutRequest,
  parseResponse,
};

/** @throws {ProtocolError} `bad-body`. */
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
  if (hasField(fields, "mode")) request.mode = modeField(fields, "mode");
  // What belongs to an id makes no sense without.
  if (hasField(fields, "id") || hasField(fields, "part") || hasField(fields, "offset")) {
    request.id = uploadIdField(fields, "id");
  }
  if (hasField(fields, "part")) request.part = uploadIdField(fields, "part");
  if (hasField(fields, "offset")) {
    request.offset = integerField(fields, "offset", 0, request.size);
  }
  if (hasField(fields, "compression")) {
    request.compression = wordField(fields, "compression", COMPRESSIONS);
  }
  if (hasField(fields, "unverified") && booleanField(fields, "unverified")) {
    request.unverified = true;
  }
  return request;
}

function parseResponse(body: unknown): FilePutResponse {
  const fields = fieldsOf(body);
  return {
    name: fileNameField(fields, "name"),
    size: sizeField(fields, "size"),
    sha256: sha256Field(fields, "sha256"),
  };
}
