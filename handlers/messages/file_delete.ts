import { messages } from "../../protocol/mod.ts";
import { defineHandler, type MessageHandler } from "./handler.ts";

/** Removes a stored file, or an empty directory. */
export const fileDelete: MessageHandler = defineHandler(
  messages.fileDelete,
  async ({ name, directory = false }, { files }) => {
    await (directory ? files.removeDirectory(name) : files.remove(name));
    return { name };
  },
);
