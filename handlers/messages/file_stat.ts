import { messages } from "../../protocol/mod.ts";
import { defineHandler, type MessageHandler } from "./handler.ts";

/** Tells a stored file's size and time. */
export const fileStat: MessageHandler = defineHandler(
  messages.fileStat,
  ({ name }, { files }) => files.stat(name),
);
