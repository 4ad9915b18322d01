import type { SequenceDefinition } from "../definition.ts";
import {
  badField,
  booleanField,
  fieldsOf,
  hasField,
  integerField,
  sha256Field,
  uploadIdField,
} from "../fields.ts";
import { type FilePutRequest, parseFilePutRequest } from "./file_put.ts";

/** Request of `file.put_striped`; of each chunk, what is told when it is there follows. */
export interface FilePutStripedRequest extends Omit<FilePutRequest, "offset"> {
  id: string;
  /** Whether there was an attempt before, and what is there of it is known from `file.resume`. */
  repeated?: boolean;
}

/** An answer to `file.put_striped`, with one of these. */
export interface FilePutStripedResponse {
  /** The first one: how much there is of each chunk, four bytes for each. */
  levels?: Uint8Array;
  /** This chunk is wrong, and is to be sent again. */
  again?: number;
  /** The last one: the file is stored; the SHA-256 of its bytes, as 64 lower-case hexadecimal digits. */
  sha256?: string;
}

/** Stores a file whose chunks come by other requests. */
export const filePutStriped: SequenceDefinition<
  FilePutStripedRequest,
  FilePutStripedResponse,
  26
> = {
  type: 26,
  name: "file.put_striped",
  right: "write",
  sequence: true,
  names: ({ name }) => [name],
  parseRequest(body) {
    const fields = fieldsOf(body);
    const { offset: _, ...request } = parseFilePutRequest(body);
    const striped: FilePutStripedRequest = { ...request, id: uploadIdField(fields, "id") };
    if (hasField(fields, "repeated")) striped.repeated = booleanField(fields, "repeated");
    return striped;
  },
  parseResponse(body) {
    const fields = fieldsOf(body);
    if (hasField(fields, "levels")) {
      const { levels } = fields;
      if (levels instanceof Uint8Array) return { levels };
      throw badField("levels", "bytes", levels);
    }
    if (hasField(fields, "again")) {
      return { again: integerField(fields, "again", 0, Number.MAX_SAFE_INTEGER) };
    }
    return { sha256: sha256Field(fields, "sha256") };
  },
};
