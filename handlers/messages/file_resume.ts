import { MessageType, parseFileResumeRequest } from "../../protocol/mod.ts";
import { findUpload, resolveName, spaceError } from "../../transfer/mod.ts";
import type { MessageHandler } from "./handler.ts";

/** Tells how far an upload has come, for the client to go on from there. */
export const fileResume: MessageHandler = {
  type: MessageType.fileResume,
  name: "file.resume",
  async handle(exchange) {
    const request = parseFileResumeRequest(exchange.body);
    const { path } = await resolveName(exchange.storage, request.name);
    try {
      await exchange.reply(await findUpload(exchange.storage, request, path));
    } catch (error) {
      throw spaceError(error, `Cannot go on with "${request.name}"`) ?? error;
    }
  },
};
