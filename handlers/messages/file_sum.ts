import { messages } from "../../protocol/mod.ts";
import { defineHandler, type MessageHandler } from "./handler.ts";

/** Reads a stored file again, and tells its SHA-256. */
export const fileSum: MessageHandler = defineHandler(
  messages.fileSum,
  ({ name }, { files, signal }) => files.sum(name, signal),
);
