import { messages } from "../../protocol/mod.ts";
import { Listings } from "../../transfer/mod.ts";
import { defineHandler, type MessageHandler } from "./handler.ts";

/** Lists the stored files, a page at a time. */
export function fileList(): MessageHandler {
  const listings = new Listings();
  return defineHandler(
    messages.fileList,
    (request, { storage, session, signal }) => listings.page(storage, request, session, signal),
  );
}
