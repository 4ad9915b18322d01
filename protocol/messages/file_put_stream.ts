import type { MessageDefinition } from "../definition.ts";
import { filePut, type FilePutRequest, type FilePutResponse } from "./file_put.ts";

/** Request of `file.put_stream`; the file's bytes follow, in pieces. */
export type FilePutStreamRequest = Pick<
  FilePutRequest,
  "name" | "overwrite" | "mtime" | "mode" | "compression"
>;

/** Stores a file whose size is not known before its last byte has come. */
export const filePutStream: MessageDefinition<FilePutStreamRequest, FilePutResponse, 30> = {
  type: 30,
  name: "file.put_stream",
  right: "write",
  names: ({ name }) => [name],
  parseRequest,
  parseResponse: filePut.parseResponse,
};

function parseRequest(body: unknown): FilePutStreamRequest {
  const { name, overwrite, mtime, mode, compression } = filePut.parseRequest({
    ...Object(body),
    size: 0,
  });
  return {
    name,
    ...(overwrite === undefined ? {} : { overwrite }),
    ...(mtime === undefined ? {} : { mtime }),
    ...(mode === undefined ? {} : { mode }),
    ...(compression === undefined ? {} : { compression }),
  };
}
