import {
  type FileInfo,
  type FileListRequest,
  type FileListResponse,
  type ListedDirectories,
  ProtocolError,
} from "../protocol/mod.ts";
import type { RequestOptions } from "./exchange.ts";

/** How many are on the first page at most, so that it is soon there; as many as get asks for together. */
const FIRST_PAGE = 512;

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
 * Asks for the files on the server, page by page. The next page is on its way while one is gone through.
 *
 * @param askForPage Sends a request, and returns the answer.
 */
export async function* list(
  askForPage: (request: FileListRequest) => Promise<FileListResponse>,
  prefix: string | undefined,
  { directories, onUnreadable }: ListOptions = {},
): AsyncGenerator<FileInfo> {
  const ask = (after?: string): Promise<FileListResponse> => {
    const request: FileListRequest = {};
    if (prefix !== undefined) request.prefix = prefix;
    if (after !== undefined) request.after = after;
    else request.limit = FIRST_PAGE;
    if (directories !== undefined) request.directories = directories;
    if (onUnreadable !== undefined) request.partial = true;
    const asking = askForPage(request);
    asking.catch(() => {}); // looked at in its turn, if anybody wants it by then
    return asking;
  };
  let after: string | undefined;
  for (let asking: Promise<FileListResponse> | undefined = ask(); asking !== undefined;) {
    const page: FileListResponse = await asking;
    const { next, unreadable = [], entries } = page;
    for (const entry of entries) checkListed(entry, prefix);
    const goesOn = next !== undefined && (after === undefined || next > after);
    asking = goesOn ? ask(next) : undefined;
    for (const directory of unreadable) onUnreadable?.(directory);
    yield* entries;
    if (next !== undefined && !goesOn) {
      throw new ProtocolError("bad-body", "List of files does not come to an end");
    }
    after = next;
  }
}

/** @throws {ProtocolError} It is not what was asked for, and may be meant to be written elsewhere. */
function checkListed({ name, directory }: FileInfo, prefix = ""): void {
  if ((directory ? `${name}/` : name).startsWith(prefix)) return;
  throw new ProtocolError(
    "bad-body",
    `Server lists "${name}", which does not begin with "${prefix}"`,
  );
}
