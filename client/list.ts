import { type FileInfo, parseFileListResponse, ProtocolError } from "../protocol/mod.ts";

/**
 * Asks for the files on the server, page by page.
 *
 * @param askForPage Sends the body of a request, and returns that of the answer.
 */
export async function* list(
  askForPage: (body: Record<string, unknown>) => Promise<unknown>,
  prefix: string | undefined,
): AsyncGenerator<FileInfo> {
  let after: string | undefined;
  do {
    const page = parseFileListResponse(await askForPage({ prefix, after }));
    yield* page.entries;
    if (page.next !== undefined && after !== undefined && page.next <= after) {
      throw new ProtocolError("bad-body", "List of files does not come to an end");
    }
    after = page.next;
  } while (after !== undefined);
}
