import {
  ApplicationError,
  type FileInfo,
  messages,
  ProtocolError,
  TRAILER_LENGTH,
  type WantedCompression,
} from "../../protocol/mod.ts";
import {
  hashPrefix,
  PositionedReader,
  type ReadableFile,
  sendFile,
  sendOnlyRange,
  type SendTurn,
  SMALL_SIZE,
} from "../../transfer/mod.ts";
import { compressedAnswer } from "./compressed.ts";
import {
  type DataAnswer,
  defineHandler,
  type HandlerContext,
  type MessageHandler,
  type TransferUnderWay,
} from "./handler.ts";

/** Which part of a file is wanted. */
interface Part {
  readonly offset: number;
  readonly length: number;
  readonly transfer: string | undefined;
  readonly compression: WantedCompression | undefined;
}

/** Sends a stored file, or the rest of it, or a part. */
export const fileGet: MessageHandler = defineHandler(
  messages.fileGet,
  async ({ name, offset = 0, size, mtime, length, transfer, compression }, context) => {
    const entering = context.downloads.enter(context.session, () => context.signal);
    using turn = entering instanceof Promise ? await entering : entering;
    const { file, info, stored } = await context.files.open(name);
    using _file = file;
    if ((size ?? info.size) !== info.size || (mtime ?? info.mtime) !== info.mtime) {
      throw new ProtocolError("cannot-resume", "File has changed since; fetch all of it");
    }
    if (length !== undefined) {
      const part = { offset, length, transfer, compression };
      return await sendPart(context, turn, file, info, part);
    }
    const details = { direction: "down", size: info.size, start: offset } as const;
    using under = context.beginTransfer(name, details);
    const compressed = compressedAnswer(compression, context);
    const sink = context.replyWithData({ ...info, ...compressed.said });
    // The hash at the end is that of the whole file.
    const start = await hashPrefix(file, offset, offset > 0 ? { signal: context.signal } : {});
    const blocks = compressed.sinkOf(sink, turn, info.size - offset + TRAILER_LENGTH);
    await sending(
      sink,
      turn,
      under,
      (onProgress) => {
        const onRead = () => checkUnchanged(file, info);
        const options = { start, stored, lender: turn, onProgress, onRead };
        return sendFile(blocks, file, info.size, options);
      },
    );
    return sink;
  },
);

/**
 * What was read while somebody wrote to the file may be part old, part new. What was written behind it does
 * no harm, as in logs.
 */
async function checkUnchanged(file: ReadableFile, info: FileInfo): Promise<void> {
  if (info.size <= SMALL_SIZE) return; // it was read at once
  const { size, mtime } = await file.stat();
  if (size > info.size || mtime === null || Math.floor(mtime.getTime()) === info.mtime) return;
  throw new ProtocolError("cannot-resume", "File has changed while it was sent");
}

/** A part has no hash behind it: what the whole is to be, `file.digests` tells. */
async function sendPart(
  context: HandlerContext<FileInfo & { length?: number }>,
  turn: SendTurn,
  file: ReadableFile,
  info: FileInfo,
  { offset, length, transfer, compression }: Part,
): Promise<DataAnswer> {
  using under = context.beginTransfer(info.name, {
    ...{ direction: "down", size: info.size, start: offset },
    ...(transfer === undefined ? {} : { id: () => transfer }),
  });
  const compressed = compressedAnswer(compression, context);
  const sink = context.replyWithData({ ...info, length, ...compressed.said });
  const blocks = compressed.sinkOf(sink, turn, length);
  const range = { file: new PositionedReader(file), offset, length };
  await sending(
    sink,
    turn,
    under,
    (onProgress) =>
      sendOnlyRange(blocks, { ...range, onSent: (bytes) => onProgress(offset + bytes) }, turn),
  );
  return sink;
}

/** Sends, and gives the turn up if the client takes nothing while others wait. */
async function sending(
  sink: DataAnswer,
  turn: SendTurn,
  transfer: TransferUnderWay,
  send: (onProgress: (bytes: number) => void) => Promise<unknown>,
): Promise<void> {
  turn.noteProgress();
  turn.onStalled = () => sink.abort?.(ApplicationError.refused);
  await send((bytes) => transfer.progress(bytes));
}
