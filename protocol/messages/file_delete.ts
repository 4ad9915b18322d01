import type { MessageDefinition } from "../definition.ts";
import { fieldsOf } from "../fields.ts";
import { type FileNameBody, parseFileNameBody } from "../file_bodies.ts";

/** Request of `file.delete`. */
export interface FileDeleteRequest extends FileNameBody {
  /** It is an empty directory that is to be removed, and no file. */
  directory?: boolean;
}

/** Removes a stored file, or an empty directory. */
export const fileDelete: MessageDefinition<FileDeleteRequest, FileNameBody, 20> = {
  type: 20,
  name: "file.delete",
  right: "delete",
  names: ({ name }) => [name],
  parseRequest,
  parseResponse: parseFileNameBody,
};

function parseRequest(body: unknown): FileDeleteRequest {
  const request: FileDeleteRequest = parseFileNameBody(body);
  if (fieldsOf(body).directory === true) request.directory = true;
  return request;
}
