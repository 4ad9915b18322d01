import type { MessageDefinition } from "../definition.ts";
import { fieldsOf, hasField, integerField, sizeField, timeField } from "../fields.ts";
import { type FileInfo, type FileVersion, nameField, parseFileInfo } from "../file_bodies.ts";

/** Request of `file.get`. With an offset, size and time say of which file the bytes before it are. */
export interface FileGetRequest extends Partial<FileVersion> {
  name: string;
  /** From which byte on the file is wanted, at most `size`; 0 by default. */
  offset?: number;
}

/** Fetches a stored file, or the rest of it. */
export const fileGet: MessageDefinition<FileGetRequest, FileInfo, 17> = {
  type: 17,
  name: "file.get",
  right: "read",
  names: ({ name }) => [name],
  parseRequest,
  parseResponse: parseFileInfo,
};

function parseRequest(body: unknown): FileGetRequest {
  const fields = fieldsOf(body);
  const request: FileGetRequest = { name: nameField(fields, "name") };
  if (!hasField(fields, "offset")) return request;
  const size = sizeField(fields, "size");
  const offset = integerField(fields, "offset", 0, size);
  return { ...request, size, mtime: timeField(fields, "mtime"), offset };
}
