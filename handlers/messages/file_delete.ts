import { type FileNameBody, MessageType, parseFileNameBody } from "../../protocol/mod.ts";
import { removeFile } from "../../transfer/mod.ts";
import type { MessageHandler } from "./handler.ts";

/** Removes a stored file. */
export const fileDelete: MessageHandler = {
  type: MessageType.fileDelete,
  name: "file.delete",
  async handle(exchange) {
    const { name } = parseFileNameBody(exchange.body);
    await removeFile(exchange.storage, name);
    const response: FileNameBody = { name };
    await exchange.reply(response);
  },
};
