import type { MessageDefinition } from "../definition.ts";
import { type FileNameBody, parseFileNameBody } from "../file_bodies.ts";

/** Removes a stored file. */
export const fileDelete: MessageDefinition<FileNameBody, FileNameBody, 20> = {
  type: 20,
  name: "file.delete",
  right: "delete",
  parseRequest: parseFileNameBody,
  parseResponse: parseFileNameBody,
};
