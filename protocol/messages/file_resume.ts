import type { MessageDefinition } from "../definition.ts";
import { fieldsOf, hasField, sha256Field, sizeField, uploadIdField } from "../fields.ts";
import { fileNameField, nameField } from "../file_bodies.ts";

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
  /** Under this name, where that is not the one that was asked for. */
  name?: string;
}

/** Asks how far an upload has come. */
export const fileResume: MessageDefinition<FileResumeRequest, FileResumeResponse, 21> = {
  type: 21,
  name: "file.resume",
  right: "write",
  names: ({ name }) => [name],
  parseRequest: parseUploadSubject,
  parseResponse,
};

/** @throws {ProtocolError} `bad-body`. */
export function parseUploadSubject(body: unknown): FileResumeRequest {
  const fields = fieldsOf(body);
  const request: FileResumeRequest = {
    id: uploadIdField(fields, "id"),
    name: nameField(fields, "name"),
    size: sizeField(fields, "size"),
  };
  if (hasField(fields, "part")) request.part = uploadIdField(fields, "part");
  return request;
}

function parseResponse(body: unknown): FileResumeResponse {
  const fields = fieldsOf(body);
  const response: FileResumeResponse = { offset: sizeField(fields, "offset") };
  if (hasField(fields, "sha256")) response.sha256 = sha256Field(fields, "sha256");
  if (hasField(fields, "name")) response.name = fileNameField(fields, "name");
  return response;
}
