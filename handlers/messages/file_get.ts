import { MessageType, parseFileGetRequest, ProtocolError } from "../../protocol/mod.ts";
import { hashPrefix, openFile, sendFile } from "../../transfer/mod.ts";
import type { MessageHandler } from "./handler.ts";

/** Sends a stored file, or the rest of it. */
export const fileGet: MessageHandler = {
  type: MessageType.fileGet,
  name: "file.get",
  async handle(exchange) {
    const { name, offset = 0, size, mtime } = parseFileGetRequest(exchange.body);
    const { file, info } = await openFile(exchange.storage, name);
    using _file = file;
    if ((size ?? info.size) !== info.size || (mtime ?? info.mtime) !== info.mtime) {
      throw new ProtocolError("cannot-resume", "File has changed since; fetch all of it");
    }
    using _transfer = exchange.beginTransfer();
    const sink = exchange.replyWithData(info);
    // The hash at the end is that of the whole file.
    const start = await hashPrefix(file, offset);
    await sendFile(sink, file, info.size, { start });
  },
};
