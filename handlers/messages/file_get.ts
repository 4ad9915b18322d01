import { MessageType, parseFileNameBody } from "../../protocol/mod.ts";
import { openFile, sendFile } from "../../transfer/mod.ts";
import type { MessageHandler } from "./handler.ts";

/** Sends a stored file. */
export const fileGet: MessageHandler = {
  type: MessageType.fileGet,
  name: "file.get",
  async handle(exchange) {
    const { name } = parseFileNameBody(exchange.body);
    const { file, info } = await openFile(exchange.storage, name);
    using _file = file;
    using _transfer = exchange.beginTransfer();
    await sendFile(exchange.replyWithData(info), file, info.size);
  },
};
