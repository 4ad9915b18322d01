import {
  type FileInfo,
  MessageType,
  parseFileListResponse,
  ProtocolError,
} from "../protocol/mod.ts";
import { ask, type RequestOptions, type StreamOpener } from "./exchange.ts";

/** Asks for the files on the server, page by page. */
export async function* list(
  opener: StreamOpener,
  prefix: string | undefined,
  options: RequestOptions,
): AsyncGenerator<FileInfo> {
  let after: string | undefined;
  do {
    const body = { prefix, after };
    const page = parseFileListResponse(await ask(opener, MessageType.fileList, body, options));
    yield* page.entries;
    if (page.next !== undefined && after !== undefined && page.next <= after) {
      throw new ProtocolError("bad-body", "List of files does not come to an end");
    }
    after = page.next;
  } while (after !== undefined);
}
