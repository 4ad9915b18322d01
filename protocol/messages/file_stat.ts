import type { MessageDefinition } from "../definition.ts";
import {
  type FileInfo,
  type FileNameBody,
  parseFileInfo,
  parseFileNameBody,
} from "../file_bodies.ts";

/** Asks for a stored file's size and time. */
export const fileStat: MessageDefinition<FileNameBody, FileInfo, 19> = {
  type: 19,
  name: "file.stat",
  right: "read",
  names: ({ name }) => [name],
  parseRequest: parseFileNameBody,
  parseResponse: parseFileInfo,
};
