import { messages } from "../../protocol/mod.ts";
import { removeFile } from "../../transfer/mod.ts";
import { defineHandler, type MessageHandler } from "./handler.ts";

/** Removes a stored file. */
export const fileDelete: MessageHandler = defineHandler(
  messages.fileDelete,
  async ({ name }, exchange) => {
    await removeFile(exchange.storage, name);
    await exchange.reply({ name });
  },
);
