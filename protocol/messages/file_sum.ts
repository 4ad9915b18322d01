import type { MessageDefinition } from "../definition.ts";
import { fieldsOf, sha256Field } from "../fields.ts";
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
}

/** Reads a stored file again, and tells its SHA-256. */
export const fileSum: MessageDefinition<FileNameBody, FileSumResponse, 24> = {
  type: 24,
  name: "file.sum",
  right: "read",
  names: ({ name }) => [name],
  parseRequest: parseFileNameBody,
  parseResponse: (body) => ({
    ...parseFileInfo(body),
    sha256: sha256Field(fieldsOf(body), "sha256"),
  }),
};
