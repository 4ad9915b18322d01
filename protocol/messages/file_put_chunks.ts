import type { SequenceDefinition } from "../definition.ts";
import { type Compression, COMPRESSIONS } from "../blocks.ts";
import { fieldsOf, hasField, integerField, wordField } from "../fields.ts";
import { type FileResumeRequest, parseUploadSubject } from "./file_resume.ts";

/** Request of `file.put_chunks`; the chunks follow. */
export interface FilePutChunksRequest extends FileResumeRequest {
  /** They come in blocks, of which each may be compressed; by default as they are. */
  compression?: Compression;
}

/** One answer to `file.put_chunks`. */
export interface FilePutChunksResponse {
  /** This chunk is there as a whole. */
  chunk: number;
}

/** Sends chunks of a file that `file.put_striped` stores, at whichever worker of the server. */
export const filePutChunks: SequenceDefinition<FilePutChunksRequest, FilePutChunksResponse, 27> = {
  type: 27,
  name: "file.put_chunks",
  right: "write",
  sequence: true,
  names: ({ name }) => [name],
  parseRequest,
  parseResponse: (body) => ({
    chunk: integerField(fieldsOf(body), "chunk", 0, Number.MAX_SAFE_INTEGER),
  }),
};

function parseRequest(body: unknown): FilePutChunksRequest {
  const request: FilePutChunksRequest = parseUploadSubject(body);
  const fields = fieldsOf(body);
  if (hasField(fields, "compression")) {
    request.compression = wordField(fields, "compression", COMPRESSIONS);
  }
  return request;
}
