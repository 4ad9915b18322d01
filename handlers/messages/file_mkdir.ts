import { messages } from "../../protocol/mod.ts";
import { defineHandler, type MessageHandler } from "./handler.ts";

/** Makes a directory. */
export const fileMkdir: MessageHandler = defineHandler(
  messages.fileMkdir,
  async ({ name }, { files }) => ({ name, made: await files.makeDirectory(name) }),
);
