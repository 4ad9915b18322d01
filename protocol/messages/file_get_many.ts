import {
  type Compression,
  COMPRESSIONS,
  WANTED_COMPRESSIONS,
  type WantedCompression,
} from "../blocks.ts";
import type { MessageDefinition } from "../definition.ts";
import { type Fields, fieldsOf, hasField, listField, textField, wordField } from "../fields.ts";
import { MAX_NAME_LENGTH, MAX_PACKED_NAMES } from "../limits.ts";

/** Request of `file.get_many`. */
export interface FileGetManyRequest {
  /** Of small files, in the order in which they are wanted. */
  names: string[];
  /** That what follows the answer may come compressed, and when it is to be; as it is by default. */
  compression?: WantedCompression;
}

/** Answer to `file.get_many`: an answer to `file.get` for each name follows. */
export interface FileGetManyResponse {
  /** They come in blocks, of which each may be compressed. */
  compression?: Compression;
}

/** Fetches many small files. */
export const fileGetMany: MessageDefinition<FileGetManyRequest, FileGetManyResponse, 31> = {
  type: 31,
  name: "file.get_many",
  right: "read",
  parseRequest,
  parseResponse,
};

function parseRequest(body: unknown): FileGetManyRequest {
  const fields = fieldsOf(body);
  const parseName = (name: unknown) => textField({ name } as Fields, "name", MAX_NAME_LENGTH);
  const names = listField(fields, "names", MAX_PACKED_NAMES, parseName);
  if (!hasField(fields, "compression")) return { names };
  return { names, compression: wordField(fields, "compression", WANTED_COMPRESSIONS) };
}

function parseResponse(body: unknown): FileGetManyResponse {
  const fields = fieldsOf(body);
  if (!hasField(fields, "compression")) return {};
  return { compression: wordField(fields, "compression", COMPRESSIONS) };
}
