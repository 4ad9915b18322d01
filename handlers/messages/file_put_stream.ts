import {
  type FilePutResponse,
  type FilePutStreamRequest,
  type MessageReader,
  messages,
  ProtocolError,
} from "../../protocol/mod.ts";
import { receivePieces } from "../../transfer/mod.ts";
import { decompressed } from "./compressed.ts";
import { defineHandler, type HandlerContext, type MessageHandler } from "./handler.ts";
import { checkAllowed } from "./check_allowed.ts";
import { storeError, storerOf } from "./store_file.ts";

/**
 * Stores a file whose size its client does not know yet, as what comes through a pipe. Nothing is kept of one
 * that is interrupted: who sends it cannot read it again.
 */
export const filePutStream: MessageHandler = defineHandler(
  messages.filePutStream,
  async (request, context) => {
    const { data } = context;
    checkAllowed(request, context);
    if (data === undefined) {
      const message = "Request file.put_stream comes without the file's data";
      throw new ProtocolError("bad-frame", message);
    }
    return await store(request, context, decompressed(data, request.compression, context));
  },
);

async function store(
  request: FilePutStreamRequest,
  context: HandlerContext,
  data: MessageReader,
): Promise<FilePutResponse> {
  using target = context.files.target(request.name, storerOf(context));
  try {
    await target.find(request);
    const { name } = target;
    using _place = context.uploads.enter();
    const stop = new AbortController();
    using transfer = context.beginTransfer(name, {
      direction: "up",
      cancel: (reason) => stop.abort(reason),
    });
    await using incoming = await target.begin(request);
    using room = await incoming.reserve(stop.signal);
    const { size, sha256 } = await receivePieces(data, incoming.file, {
      signal: stop.signal,
      onProgress: (received) => {
        transfer.progress(received);
        return room.progress(received);
      },
    });
    transfer.settle();
    await incoming.publish(sha256);
    return { name, size, sha256 };
  } catch (error) {
    throw storeError(error, request.name, target);
  }
}
