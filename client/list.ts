import {
  type FileInfo,
  type FileListRequest,
  type FileListResponse,
  type ListedDirectories,
  ProtocolError,
} from "../protocol/mod.ts";
import type { RequestOptions } from "./exchange.ts";

/** What `list` takes. */
export interface ListOptions extends RequestOptions {
  /**
   * Which directories are told of: `empty`, those with nothing in them; `closed`, those directly behind the
   * prefix, in place of all that is in them. None by default.
   */
  directories?: ListedDirectories;
  /** Is told the name of each directory that the server cannot read; by default that ends the list with an error. */
  onUnreadable?: (directory: string) => void;
}

/**
 * Asks for the files on the server, page by page.
 *
 * @param askForPage Sends a request, and returns the answer.
 */
export async function* list(
  askForPage: (request: FileListRequest) => Promise<FileListResponse>,
  prefix: string | undefined,
  { directories, onUnreadable }: ListOptions = {},
): AsyncGenerator<FileInfo> {
  let after: string | undefined;
  do {
    const request: FileListRequest = {};
    if (prefix !== undefined) request.prefix = prefix;
    if (after !== undefined) request.after = after;
    if (directories !== undefined) request.directories = directories;
    if (onUnreadable !== undefined) request.partial = true;
    const page = await askForPage(request);
    for (const directory of page.unreadable ?? []) onUnreadable?.(directory);
    for (const entry of page.entries) checkListed(entry, prefix);
    yield* page.entries;
    if (page.next !== undefined && after !== undefined && page.next <= after) {
      throw new ProtocolError("bad-body", "List of files does not come to an end");
    }
    after = page.next;
  } while (after !== undefined);
}

/** @throws {ProtocolError} It is not what was asked for, and may be meant to be written elsewhere. */
function checkListed({ name, directory }: FileInfo, prefix = ""): void {
  if ((directory ? `${name}/` : name).startsWith(prefix)) return;
  throw new ProtocolError(
    "bad-body",
    `Server lists "${name}", which does not begin with "${prefix}"`,
  );
}
