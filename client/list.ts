import {
  type FileInfo,
  type FileListRequest,
  type FileListResponse,
  ProtocolError,
} from "../protocol/mod.ts";

/**
 * Asks for the files on the server, page by page.
 *
 * @param askForPage Sends a request, and returns the answer.
 */
export async function* list(
  askForPage: (request: FileListRequest) => Promise<FileListResponse>,
  prefix: string | undefined,
): AsyncGenerator<FileInfo> {
  let after: string | undefined;
  do {
    const request: FileListRequest = {};
    if (prefix !== undefined) request.prefix = prefix;
    if (after !== undefined) request.after = after;
    const page = await askForPage(request);
    yield* page.entries;
    if (page.next !== undefined && after !== undefined && page.next <= after) {
      throw new ProtocolError("bad-body", "List of files does not come to an end");
    }
    after = page.next;
  } while (after !== undefined);
}
