import { messages } from "../../protocol/mod.ts";
import { removeDirectory, removeFile } from "../../transfer/mod.ts";
import { defineHandler, type MessageHandler } from "./handler.ts";

/** Removes a stored file, or an empty directory. */
export const fileDelete: MessageHandler = defineHandler(
  messages.fileDelete,
  async ({ name, directory = false }, { storage }) => {
    await (directory ? removeDirectory : removeFile)(storage, name);
    return { name };
  },
);
