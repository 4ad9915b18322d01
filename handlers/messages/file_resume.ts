import { messages } from "../../protocol/mod.ts";
import { spaceError, unavailableError } from "../../transfer/mod.ts";
import { defineHandler, type MessageHandler } from "./handler.ts";

/** Tells how far an upload has come, for the client to go on from there. */
export const fileResume: MessageHandler = defineHandler(
  messages.fileResume,
  async (request, context) => {
    using target = context.files.target(request.name);
    try {
      return await target.resume(request);
    } catch (error) {
      const action = `Cannot go on with "${request.name}"`;
      throw spaceError(error, action) ?? unavailableError(error, action) ?? error;
    }
  },
);
