import { messages } from "../../protocol/mod.ts";
import { makeStored } from "../../transfer/mod.ts";
import { defineHandler, type MessageHandler } from "./handler.ts";

/** Makes a directory. */
export const fileMkdir: MessageHandler = defineHandler(
  messages.fileMkdir,
  ({ name }, { storage }) => ({ name, made: makeStored(storage, name) }),
);
