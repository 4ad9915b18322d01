import type { MessageDefinition } from "../definition.ts";
import { fieldsOf, hasField, sha256Field } from "../fields.ts";
import {
  type FileInfo,
  type FileNameBody,
  parseFileInfo,
  parseFileNameBody,
} from "../file_bodies.ts";

/** Answer to `file.sum`. */
export interface FileSumResponse extends FileInfo {
  /** Of the bytes that are stored now, as 64 lower-case hexadecimal digits. */
  sha256: string;
  /** What it was when the file was stored, if that was noted, and its size and time are still the same. */
  stored?: string;
}

/** Reads a stored file again, and tells its SHA-256. */
export const fileSum: MessageDefinition<FileNameBody, FileSumResponse, 24> = {
  type: 24,
  name: "file.sum",
  right: "read",
  names: ({ name }) => [name],
  parseRequest: parseFileNameBody,
  parseResponse,
};

function parseResponse(body: unknown): FileSumResponse {
  const fields = fieldsOf(body);
  const response: FileSumResponse = {
    ...parseFileInfo(body),
    sha256: sha256Field(fields, "sha256"),
  };
  if (hasField(fields, "stored")) response.stored = sha256Field(fields, "stored");
  return response;
}
