import { MessageType, type PingResponse } from "../../protocol/mod.ts";
import type { MessageHandler } from "./handler.ts";

/** Answers with the server's time. */
export const ping: MessageHandler = {
  type: MessageType.ping,
  name: "ping",
  async handle(exchange) {
    const response: PingResponse = { time: Date.now() };
    await exchange.reply(response);
  },
};
