import { messages } from "../../protocol/mod.ts";
import { removeFile } from "../../transfer/mod.ts";
import { defineHandler, type MessageHandler } from "./handler.ts";

/** Removes a stored file. */
export const fileDelete: MessageHandler = defineHandler(
  messages.fileDelete,
  async ({ name }, { storage }) => {
    await removeFile(storage, name);
    return { name };
  },
);
