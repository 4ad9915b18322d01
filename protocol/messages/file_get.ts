import {
  type Compression,
  COMPRESSIONS,
  WANTED_COMPRESSIONS,
  type WantedCompression,
} from "../blocks.ts";
import type { MessageDefinition } from "../definition.ts";
import {
  fieldsOf,
  hasField,
  integerField,
  sizeField,
  timeField,
  uploadIdField,
  wordField,
} from "../fields.ts";
import { type FileInfo, type FileVersion, nameField, parseFileInfo } from "../file_bodies.ts";

/** Request of `file.get`. With an offset, size and time say of which file the bytes before it are. */
export interface FileGetRequest extends Partial<FileVersion> {
  name: string;
  /** From which byte on the file is wanted, at most `size`; 0 by default. */
  offset?: number;
  /** That the bytes may come compressed, and when they are to be; as they are by default. */
  compression?: WantedCompression;
  /** How many bytes are wanted, without a SHA-256 behind them; by default all, and it. Only with `offset`. */
  length?: number;
  /** The client's own name for what this is a part of, of an upload id's kind; only with `length`. */
  transfer?: string;
}

/** Answer to `file.get`, whose bytes follow. */
export interface FileGetResponse extends FileInfo {
  /** They come in blocks, of which each may be compressed. */
  compression?: Compression;
  /** How many bytes follow, as asked for. Older servers do not know of that, and send all. */
  length?: number;
}

/** Fetches a stored file, or the rest of it, or a part. */
export const fileGet: MessageDefinition<FileGetRequest, FileGetResponse, 17> = {
  type: 17,
  name: "file.get",
  right: "read",
  names: ({ name }) => [name],
  parseRequest,
  parseResponse,
};

function parseRequest(body: unknown): FileGetRequest {
  const fields = fieldsOf(body);
  const request: FileGetRequest = { name: nameField(fields, "name") };
  if (hasField(fields, "compression")) {
    request.compression = wordField(fields, "compression", WANTED_COMPRESSIONS);
  }
  if (!hasField(fields, "offset")) return request;
  const size = sizeField(fields, "size");
  const offset = integerField(fields, "offset", 0, size);
  Object.assign(request, { size, mtime: timeField(fields, "mtime"), offset });
  if (!hasField(fields, "length")) return request;
  request.length = integerField(fields, "length", 0, size - offset);
  if (hasField(fields, "transfer")) request.transfer = uploadIdField(fields, "transfer");
  return request;
}

function parseResponse(body: unknown): FileGetResponse {
  const fields = fieldsOf(body);
  const response: FileGetResponse = parseFileInfo(body);
  if (hasField(fields, "length")) response.length = sizeField(fields, "length");
  if (hasField(fields, "compression")) {
    response.compression = wordField(fields, "compression", COMPRESSIONS);
  }
  return response;
}
