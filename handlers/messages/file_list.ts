import { MessageType, parseFileListRequest } from "../../protocol/mod.ts";
import { Listings } from "../../transfer/mod.ts";
import type { MessageHandler } from "./handler.ts";

/** Lists the stored files, a page at a time. */
export function fileList(): MessageHandler {
  const listings = new Listings();
  return {
    type: MessageType.fileList,
    name: "file.list",
    async handle(exchange) {
      const { body, storage, session, signal } = exchange;
      const request = parseFileListRequest(body);
      await exchange.reply(await listings.page(storage, request, session, signal));
    },
  };
}
