import { MessageType, parseFileListRequest } from "../../protocol/mod.ts";
import { listFiles } from "../../transfer/mod.ts";
import type { MessageHandler } from "./handler.ts";

/** Lists the stored files, a page at a time. */
export const fileList: MessageHandler = {
  type: MessageType.fileList,
  name: "file.list",
  async handle(exchange) {
    const request = parseFileListRequest(exchange.body);
    await exchange.reply(await listFiles(exchange.storage, request));
  },
};
