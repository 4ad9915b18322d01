import { type Compression, COMPRESSIONS } from "../blocks.ts";
import type { SequenceDefinition } from "../definition.ts";
import { ProtocolError, RemoteError } from "../errors.ts";
import { fieldsOf, hasField, integerField, listField, wordField } from "../fields.ts";
import { fileNameField } from "../file_bodies.ts";
import { Flags } from "../flags.ts";
import { MAX_PACKED_ANSWER, MAX_PACKED_FAILURES, MAX_PACKED_SIZE } from "../limits.ts";
import type { Message } from "../message.ts";
import { filePut, type FilePutRequest } from "./file_put.ts";

/** Request of `file.put_many`; requests `file.put` follow, each with its file's bytes and their SHA-256. */
export interface FilePutManyRequest {
  /** So many of them, the first ones, may have been stored before, the answer being lost; none by default. */
  repeated?: number;
  /** What follows comes in blocks, of which each may be compressed; as it is by default. */
  compression?: Compression;
}

/** A file that was not stored. */
export interface PackedFailure {
  /** Which one of those that the answer tells of, from 0. */
  index: number;
  /** Why, for programs. */
  code: string;
  /** Why, for people. */
  message: string;
  /** How many bytes are missing, where there is too little room. */
  missingBytes?: number;
}

/** A file that was stored under another name than was asked for. */
export interface PackedRename {
  /** Which one of those that the answer tells of, from 0. */
  index: number;
  name: string;
}

/** One of the answers to `file.put_many`. */
export interface FilePutManyResponse {
  /** So many more files are done with, in the order in which they came. */
  count: number;
  /** Those of them that were not stored, in that order. */
  failures?: PackedFailure[];
  /** Those of them that have got other names, in that order. */
  renamed?: PackedRename[];
}

/** Stores many small files. */
export const filePutMany: SequenceDefinition<FilePutManyRequest, FilePutManyResponse, 25> = {
  type: 25,
  name: "file.put_many",
  right: "write",
  sequence: true,
  parseRequest,
  parseResponse,
};

/**
 * The request in one of the messages that follow.
 *
 * @throws {ProtocolError} `bad-frame`, `bad-body`: how long what belongs to it is, is not known.
 */
export function parsePacked({ type, flags, body }: Message): FilePutRequest {
  if (type !== filePut.type || flags !== Flags.data) {
    throw new ProtocolError("bad-frame", "Message among many files is no request file.put");
  }
  const request = filePut.parseRequest(body);
  if (request.size > MAX_PACKED_SIZE) {
    const message = `File of ${request.size} bytes is too large among many; ` +
      `at most ${MAX_PACKED_SIZE} are allowed`;
    throw new ProtocolError("bad-body", message);
  }
  for (const field of ["id", "compression", "unverified"] as const) {
    if (request[field] === undefined) continue;
    throw new ProtocolError("bad-body", `Field "${field}" is not for a file among many`);
  }
  return request;
}

function parseRequest(body: unknown): FilePutManyRequest {
  const fields = fieldsOf(body);
  const request: FilePutManyRequest = {};
  if (hasField(fields, "repeated")) {
    request.repeated = integerField(fields, "repeated", 0, Number.MAX_SAFE_INTEGER);
  }
  if (hasField(fields, "compression")) {
    request.compression = wordField(fields, "compression", COMPRESSIONS);
  }
  return request;
}

function parseResponse(body: unknown): FilePutManyResponse {
  const fields = fieldsOf(body);
  const count = integerField(fields, "count", 1, MAX_PACKED_ANSWER);
  const parseFailure = (item: unknown): PackedFailure => {
    const index = integerField(fieldsOf(item, "Failure"), "index", 0, count - 1);
    const { code, message, missingBytes } = RemoteError.from(item);
    return { index, code, message, ...(missingBytes === undefined ? {} : { missingBytes }) };
  };
  const parseRename = (item: unknown): PackedRename => {
    const rename = fieldsOf(item, "Rename");
    return {
      index: integerField(rename, "index", 0, count - 1),
      name: fileNameField(rename, "name"),
    };
  };
  const response: FilePutManyResponse = { count };
  if (hasField(fields, "failures")) {
    response.failures = listField(fields, "failures", MAX_PACKED_FAILURES, parseFailure);
  }
  if (hasField(fields, "renamed")) {
    response.renamed = listField(fields, "renamed", MAX_PACKED_FAILURES, parseRename);
  }
  return response;
}
