import type { MessageDefinition } from "../definition.ts";
import { type Fields, fieldsOf, listField, textField } from "../fields.ts";
import { MAX_NAME_LENGTH, MAX_PACKED_NAMES } from "../limits.ts";

/** Request of `file.get_many`. */
export interface FileGetManyRequest {
  /** Of small files, in the order in which they are wanted. */
  names: string[];
}

/** Answer to `file.get_many`: an answer to `file.get` for each name follows. */
export type FileGetManyResponse = Record<string, never>;

/** Fetches many small files. */
export const fileGetMany: MessageDefinition<FileGetManyRequest, FileGetManyResponse, 31> = {
  type: 31,
  name: "file.get_many",
  right: "read",
  parseRequest,
  parseResponse(body) {
    fieldsOf(body);
    return {};
  },
};

function parseRequest(body: unknown): FileGetManyRequest {
  const fields = fieldsOf(body);
  const parseName = (name: unknown) => textField({ name } as Fields, "name", MAX_NAME_LENGTH);
  return { names: listField(fields, "names", MAX_PACKED_NAMES, parseName) };
}
