import type { MessageDefinition } from "../definition.ts";
import { fieldsOf } from "../fields.ts";
import { type FileNameBody, fileNameField, parseFileNameBody } from "../file_bodies.ts";

/** Answer to `file.mkdir`. */
export interface FileMkdirResponse {
  name: string;
  /** Whether it was not there before. */
  made: boolean;
}

/** Makes a directory, and those above it that are missing. */
export const fileMkdir: MessageDefinition<FileNameBody, FileMkdirResponse, 23> = {
  type: 23,
  name: "file.mkdir",
  right: "write",
  names: ({ name }) => [name],
  parseRequest: parseFileNameBody,
  parseResponse,
};

function parseResponse(body: unknown): FileMkdirResponse {
  const fields = fieldsOf(body);
  return { name: fileNameField(fields, "name"), made: fields.made === true };
}
