import type { MessageDefinition } from "../definition.ts";
import { badField, fieldsOf, hasField, integerField, listField, wordField } from "../fields.ts";
import {
  type FileInfo,
  fileNameField,
  LISTED_DIRECTORIES,
  type ListedDirectories,
  nameField,
  parseFileInfo,
} from "../file_bodies.ts";
import { MAX_BODY_VALUES, MAX_LIST_ENTRIES } from "../limits.ts";

/** Request of `file.list`. */
export interface FileListRequest {
  /** Only names that start with this text; it may end anywhere in a name. */
  prefix?: string;
  /** Only names behind this one: `next` of the page before. */
  after?: string;
  /** Most entries to answer with, 1 to {@linkcode MAX_LIST_ENTRIES}; by default, as many as fit. */
  limit?: number;
  /** By default, no directory is an entry of its own. */
  directories?: ListedDirectories;
  /** Whether directories that the server cannot read are named instead of failing the request. */
  partial?: boolean;
}

/** Answer to `file.list`. */
export interface FileListResponse {
  /** In the order of the names' UTF-16 code units. */
  entries: FileInfo[];
  /** There may be more: what to ask for `after`. */
  next?: string;
  /** With `partial`: directories of which something is missing, as the server cannot read it. */
  unreadable?: string[];
}

/** Lists the stored files, a page at a time. */
export const fileList: MessageDefinition<FileListRequest, FileListResponse, 18> = {
  type: 18,
  name: "file.list",
  right: "read",
  parseRequest,
  parseResponse,
};

function parseRequest(body: unknown): FileListRequest {
  const fields = fieldsOf(body);
  const request: FileListRequest = {};
  if (hasField(fields, "prefix")) request.prefix = nameField(fields, "prefix");
  if (hasField(fields, "after")) request.after = nameField(fields, "after");
  if (hasField(fields, "limit")) request.limit = integerField(fields, "limit", 1, MAX_LIST_ENTRIES);
  if (hasField(fields, "directories")) {
    request.directories = wordField(fields, "directories", LISTED_DIRECTORIES);
  }
  if (fields.partial === true) request.partial = true;
  return request;
}

function parseResponse(body: unknown): FileListResponse {
  const fields = fieldsOf(body);
  const { entries } = fields;
  if (!Array.isArray(entries)) throw badField("entries", "an array", entries);
  const response: FileListResponse = { entries: entries.map(parseFileInfo) };
  if (hasField(fields, "next")) response.next = nameField(fields, "next");
  if (hasField(fields, "unreadable")) {
    response.unreadable = listField(
      fields,
      "unreadable",
      MAX_BODY_VALUES,
      (name) => fileNameField({ name }, "name"),
    );
  }
  return response;
}
