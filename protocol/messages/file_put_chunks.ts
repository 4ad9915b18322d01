import type { SequenceDefinition } from "../definition.ts";
import { fieldsOf, integerField } from "../fields.ts";
import { type FileResumeRequest, parseUploadSubject } from "./file_resume.ts";

/** One answer to `file.put_chunks`. */
export interface FilePutChunksResponse {
  /** This chunk is there as a whole. */
  chunk: number;
}

/** Sends chunks of a file that `file.put_striped` stores, at whichever worker of the server. */
export const filePutChunks: SequenceDefinition<FileResumeRequest, FilePutChunksResponse, 27> = {
  type: 27,
  name: "file.put_chunks",
  right: "write",
  sequence: true,
  names: ({ name }) => [name],
  parseRequest: parseUploadSubject,
  parseResponse: (body) => ({
    chunk: integerField(fieldsOf(body), "chunk", 0, Number.MAX_SAFE_INTEGER),
  }),
};
