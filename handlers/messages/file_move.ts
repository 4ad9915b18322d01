import { messages } from "../../protocol/mod.ts";
import { moveStored } from "../../transfer/mod.ts";
import { defineHandler, type MessageHandler } from "./handler.ts";

/** Gives a stored file or directory another name. */
export const fileMove: MessageHandler = defineHandler(
  messages.fileMove,
  async (request, { storage, signal }) => {
    await moveStored(storage, request, signal);
    return { name: request.to };
  },
);
