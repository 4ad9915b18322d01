import {
  CHUNK_HEADER_LENGTH,
  type FilePutChunksRequest,
  type FilePutChunksResponse,
  type MessageReader,
  messages,
  NO_MORE_CHUNKS,
  ProtocolError,
} from "../../protocol/mod.ts";
import { type Chunks, hasChunks } from "../../transfer/mod.ts";
import { decompressed } from "./compressed.ts";
import { defineHandler, type HandlerContext, type MessageHandler } from "./handler.ts";
import { checkAllowed } from "./check_allowed.ts";
import { storeError } from "./store_file.ts";

/** Writes chunks of a file that `file.put_striped` stores, here or at another worker. */
export const filePutChunks: MessageHandler = defineHandler(
  messages.filePutChunks,
  (request, context) => write(request, context),
);

async function* write(
  request: FilePutChunksRequest,
  context: HandlerContext,
): AsyncGenerator<FilePutChunksResponse, void, void> {
  checkAllowed(request, context);
  const { data } = context;
  if (data === undefined) {
    throw new ProtocolError("bad-frame", "Request file.put_chunks comes without chunks");
  }
  if (!hasChunks(request.size)) {
    throw new ProtocolError("bad-body", `A file of ${request.size} bytes has no chunks`);
  }
  using target = context.files.target(request.name);
  try {
    await using writer = await target.writeChunks?.(request);
    if (writer === undefined) {
      throw new ProtocolError("unknown-type", "Files are not stored in chunks here");
    }
    const { signal } = writer;
    const plain = decompressed(data, request.compression, context);
    for (;;) {
      const part = await readHeader(plain, writer.chunks, signal);
      if (part === undefined) return;
      await writer.write(part.chunk, part.from, plain.chunks(part.length, { signal }));
      if (part.from + part.length === writer.chunks.lengthOf(part.chunk)) {
        yield { chunk: part.chunk };
      }
    }
  } catch (error) {
    throw storeError(error, request.name, target);
  }
}

/** Which bytes come next; `undefined` if no more do. */
async function readHeader(data: MessageReader, chunks: Chunks, signal: AbortSignal) {
  const bytes = await data.readExactly(CHUNK_HEADER_LENGTH, { signal });
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  const [chunk, from, length] = [view.getUint32(0), view.getUint32(4), view.getUint32(8)];
  if (chunk === NO_MORE_CHUNKS) return undefined;
  if (chunk < chunks.count && length > 0 && from + length <= chunks.lengthOf(chunk)) {
    return { chunk, from, length };
  }
  throw new ProtocolError(
    "bad-frame",
    `There are no bytes ${from} to ${from + length} in chunk ${chunk} of ${chunks.count}`,
  );
}
