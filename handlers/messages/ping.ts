import { messages } from "../../protocol/mod.ts";
import { defineHandler, type MessageHandler } from "./handler.ts";

/** Answers with the server's time. */
export const ping: MessageHandler = defineHandler(
  messages.ping,
  (_request, exchange) => exchange.reply({ time: Date.now() }),
  () => ({ time: Date.now() }),
);
