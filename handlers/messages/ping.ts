import { messages } from "../../protocol/mod.ts";
import { defineHandler, type MessageHandler } from "./handler.ts";

/** Answers with the server's time. */
export const ping: MessageHandler = defineHandler(
  messages.ping,
  () => ({ time: Date.now() }),
  { atOnce: true, datagrams: true },
);
