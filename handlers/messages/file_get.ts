import { ApplicationError, messages, ProtocolError } from "../../protocol/mod.ts";
import { hashPrefix, openFile, SendBudget, sendFile } from "../../transfer/mod.ts";
import { defineHandler, type MessageHandler } from "./handler.ts";

const MEBIBYTE = 1024 * 1024;

/**
 * The memory for a process's downloads: half of 256 MiB in large buffers, enough for 32 downloads at full
 * speed, and at most as much again in small ones, four of 32 KiB for each of those that send at once.
 */
const budget = new SendBudget({ bytes: 128 * MEBIBYTE, turns: 1024, stallMs: 30_000 });

/** Sends a stored file, or the rest of it. */
export const fileGet: MessageHandler = defineHandler(
  messages.fileGet,
  async ({ name, offset = 0, size, mtime }, context) => {
    const entering = budget.enter(() => context.signal);
    using turn = entering instanceof Promise ? await entering : entering;
    const { file, info } = await openFile(context.storage, name);
    using _file = file;
    if ((size ?? info.size) !== info.size || (mtime ?? info.mtime) !== info.mtime) {
      throw new ProtocolError("cannot-resume", "File has changed since; fetch all of it");
    }
    using _transfer = context.beginTransfer();
    const sink = context.replyWithData(info);
    // The hash at the end is that of the whole file.
    const start = await hashPrefix(file, offset, offset > 0 ? { signal: context.signal } : {});
    turn.noteProgress();
    turn.onStalled = () => sink.abort?.(ApplicationError.refused);
    await sendFile(sink, file, info.size, { start, lender: turn });
    return sink;
  },
);
