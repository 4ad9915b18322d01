import { MessageType, parseFileNameBody } from "../../protocol/mod.ts";
import { statFile } from "../../transfer/mod.ts";
import type { MessageHandler } from "./handler.ts";

/** Tells a stored file's size and time. */
export const fileStat: MessageHandler = {
  type: MessageType.fileStat,
  name: "file.stat",
  async handle(exchange) {
    const { name } = parseFileNameBody(exchange.body);
    await exchange.reply(await statFile(exchange.storage, name));
  },
};
