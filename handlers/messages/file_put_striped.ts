import {
  type FilePutStripedRequest,
  type FilePutStripedResponse,
  type MessageReader,
  messages,
  ProtocolError,
} from "../../protocol/mod.ts";
import { type Chunks, hasChunks, type IncomingChunks } from "../../transfer/mod.ts";
import { ChunkRecords } from "./chunk_records.ts";
import { defineHandler, type HandlerContext, type MessageHandler } from "./handler.ts";
import { checkAllowed } from "./check_allowed.ts";
import { beginReceiving, storeError, storerOf } from "./store_file.ts";

/**
 * Stores a file whose chunks come by other requests, `file.put_chunks`, at whichever worker. It has the room
 * reserved, tells what is missing, compares each chunk with what the client has as soon as all before it is
 * there, asks again for one that is wrong, and publishes the file when all are right.
 */
export const filePutStriped: MessageHandler = defineHandler(
  messages.filePutStriped,
  (request, context) => store(request, context),
);

async function* store(
  request: FilePutStripedRequest,
  context: HandlerContext,
): AsyncGenerator<FilePutStripedResponse, void, void> {
  checkAllowed(request, context);
  const { data } = context;
  if (data === undefined) {
    const message = "Request file.put_striped comes without what is told of the chunks";
    throw new ProtocolError("bad-frame", message);
  }
  using target = context.files.target(request.name, storerOf(context));
  try {
    const earlier = await target.find(request);
    if (earlier !== undefined) return yield { sha256: earlier };
    using _place = context.uploads.enter();
    const { repeated = false } = request;
    const incoming = hasChunks(request.size)
      ? await target.beginChunks?.(request, repeated)
      : undefined;
    if (incoming === undefined) throw notInChunks();
    yield* receive(context, request, data, incoming);
  } catch (error) {
    throw storeError(error, request.name, target);
  }
}

async function* receive(
  context: HandlerContext,
  request: FilePutStripedRequest,
  data: MessageReader,
  incoming: IncomingChunks,
): AsyncGenerator<FilePutStripedResponse, void, void> {
  await using _incoming = incoming;
  const { levels } = incoming;
  const from = { ...request, offset: levels.prefix };
  using transfer = await beginReceiving(context, from, request.name, incoming);
  const { signal } = transfer;
  // What is there stays then, for the client to go on with.
  if (!await incoming.begin()) throw notInChunks();
  try {
    yield { levels: levels.encode() };
    const sha256 = yield* verify(incoming, levels.chunks, data, signal, transfer.onProgress);
    await incoming.publish(sha256);
    yield { sha256 };
  } catch (error) {
    await incoming.dropAfter(error);
    throw error;
  }
}

/** Yields which chunks are to come again. @returns The SHA-256 of the file, in hexadecimal. */
async function* verify(
  incoming: IncomingChunks,
  chunks: Chunks,
  data: MessageReader,
  signal: AbortSignal | undefined,
  onProgress: (received: number) => unknown,
): AsyncGenerator<FilePutStripedResponse, string, void> {
  const records = new ChunkRecords(data, chunks.count, signal);
  let there = 0;
  records.onThere = (chunk) => onProgress(there += chunks.lengthOf(chunk));
  const verifying = incoming.verify({
    whenTold: (chunk) => records.of(chunk),
    ...(signal === undefined ? {} : { signal }),
  });
  for (;;) {
    const { done, value } = await verifying.next();
    if (done) return value;
    records.forget(value);
    there -= chunks.lengthOf(value);
    yield { again: value };
  }
}

/** The client sends the file as a whole then, by `file.put`. */
function notInChunks(): ProtocolError {
  return new ProtocolError("unknown-type", "File is not stored in chunks here; send it as a whole");
}
