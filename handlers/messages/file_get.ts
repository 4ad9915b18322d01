import { ApplicationError, messages, ProtocolError } from "../../protocol/mod.ts";
import { hashPrefix, sendFile } from "../../transfer/mod.ts";
import { defineHandler, type MessageHandler } from "./handler.ts";

/** Sends a stored file, or the rest of it. */
export const fileGet: MessageHandler = defineHandler(
  messages.fileGet,
  async ({ name, offset = 0, size, mtime }, context) => {
    const entering = context.downloads.enter(context.session, () => context.signal);
    using turn = entering instanceof Promise ? await entering : entering;
    const { file, info } = await context.files.open(name);
    using _file = file;
    if ((size ?? info.size) !== info.size || (mtime ?? info.mtime) !== info.mtime) {
      throw new ProtocolError("cannot-resume", "File has changed since; fetch all of it");
    }
    const details = { direction: "down", size: info.size, start: offset } as const;
    using transfer = context.beginTransfer(name, details);
    const sink = context.replyWithData(info);
    // The hash at the end is that of the whole file.
    const start = await hashPrefix(file, offset, offset > 0 ? { signal: context.signal } : {});
    turn.noteProgress();
    turn.onStalled = () => sink.abort?.(ApplicationError.refused);
    const onProgress = (bytes: number) => transfer.progress(bytes);
    await sendFile(sink, file, info.size, { start, lender: turn, onProgress });
    return sink;
  },
);
