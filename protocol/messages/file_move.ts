import type { MessageDefinition } from "../definition.ts";
import { fieldsOf, hasField, wordField } from "../fields.ts";
import {
  fileNameField,
  nameField,
  OVERWRITE_POLICIES,
  type OverwritePolicy,
} from "../file_bodies.ts";

/** Request of `file.move`. */
export interface FileMoveRequest {
  /** Of a file or a directory. */
  name: string;
  /** What it is to be called. */
  to: string;
  /** What becomes of a file that has the new name already, `never` by default; a directory stays in any case. */
  overwrite?: OverwritePolicy;
}

/** Answer to `file.move`. */
export interface FileMoveResponse {
  /** The new one. */
  name: string;
}

/** Gives a stored file, or a directory with all that is in it, another name. */
export const fileMove: MessageDefinition<FileMoveRequest, FileMoveResponse, 22> = {
  type: 22,
  name: "file.move",
  right: ["write", "delete"],
  names: ({ name, to }) => [name, to],
  parseRequest,
  parseResponse: (body) => ({ name: fileNameField(fieldsOf(body), "name") }),
};

function parseRequest(body: unknown): FileMoveRequest {
  const fields = fieldsOf(body);
  const request: FileMoveRequest = { name: nameField(fields, "name"), to: nameField(fields, "to") };
  if (hasField(fields, "overwrite")) {
    request.overwrite = wordField(fields, "overwrite", OVERWRITE_POLICIES);
  }
  return request;
}
