import { messages } from "../../protocol/mod.ts";
import { defineHandler, type MessageHandler } from "./handler.ts";

/** Gives a stored file or directory another name. */
export const fileMove: MessageHandler = defineHandler(
  messages.fileMove,
  async (request, { files, signal }) => {
    await files.move(request, signal);
    return { name: request.to };
  },
);
