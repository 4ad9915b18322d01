import type { SequenceDefinition } from "../definition.ts";
import { bytesField, fieldsOf, sizeField, timeField } from "../fields.ts";
import { type FileVersion, nameField } from "../file_bodies.ts";
import { TRAILER_LENGTH } from "../limits.ts";

/** Request of `file.digests`: of this very version of a file. */
export interface FileDigestsRequest extends FileVersion {
  name: string;
}

/** One answer to `file.digests`: there is one for each chunk. */
export interface FileDigest {
  /** SHA-256 of the file's bytes up to the end of the chunk, in 32 bytes. */
  digest: Uint8Array;
}

/** Reads a stored file, and tells what its bytes are up to the end of each chunk. */
export const fileDigests: SequenceDefinition<FileDigestsRequest, FileDigest, 28> = {
  type: 28,
  name: "file.digests",
  right: "read",
  sequence: true,
  names: ({ name }) => [name],
  parseRequest(body) {
    const fields = fieldsOf(body);
    return {
      name: nameField(fields, "name"),
      size: sizeField(fields, "size"),
      mtime: timeField(fields, "mtime"),
    };
  },
  parseResponse(body) {
    return { digest: bytesField(fieldsOf(body), "digest", TRAILER_LENGTH) };
  },
};
