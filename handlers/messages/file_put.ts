import {
  type FilePutRequest,
  type MessageReader,
  messages,
  ProtocolError,
  TRAILER_LENGTH,
} from "../../protocol/mod.ts";
import { SMALL_SIZE, type SmallFileBatch } from "../../transfer/mod.ts";
import { decompressed } from "./compressed.ts";
import { defineHandler, type HandlerContext, type MessageHandler } from "./handler.ts";
import { checkAllowed } from "./check_allowed.ts";
import { storeFile, storerOf } from "./store_file.ts";

/** How long the end of a small file may be on its way, in milliseconds, behind its beginning. */
const MOMENT_MS = 30;

/**
 * Stores a file: under a temporary name first, and under its own once it is whole and verified.
 *
 * What can be refused is refused before any data is read, so that the client need not send it. An upload
 * with an id that was stored before is not stored again, but answered as it was then.
 */
export const filePut: MessageHandler = defineHandler(
  messages.filePut,
  async (request, context) => {
    const { data } = context;
    checkAllowed(request, context);
    if (data === undefined) {
      throw new ProtocolError("bad-frame", "Request file.put comes without the file's data");
    }
    if (isSmall(request) && data.peekRest() === undefined) await waitForRest(data, request);
    const { name, size } = request;
    const stored = await storeNow(context, request, data);
    if (stored !== undefined) return { name, size, sha256: stored };
    using target = context.files.target(name, storerOf(context));
    const plain = decompressed(data, request.compression, context);
    const sha256 = await storeFile(context, target, request, plain);
    return { name: target.name, size, sha256 };
  },
);

/**
 * Stores a small file whose bytes are all there. An attempt that comes between, while it is flushed, takes
 * its temporary name away; one that is not the first may have something to take over itself.
 *
 * @returns `undefined` if it has to take the long way, which also says why it cannot be stored.
 */
async function storeNow(
  context: HandlerContext,
  request: FilePutRequest,
  data: MessageReader,
): Promise<string | undefined> {
  const { files } = context;
  if (!isSmall(request) || files.wasStopped?.()) return undefined;
  const content = data.peekRest();
  if (content?.length !== request.size + TRAILER_LENGTH) return undefined;
  using batch = files.storeTogether?.();
  const storer = storerOf(context);
  const sha256 = batch === undefined
    ? files.storeNow(request, content, storer)
    : await flushed(context, batch, request, content);
  if (sha256 === undefined) return undefined;
  data.skipRest();
  context.beginTransfer(request.name)[Symbol.dispose]();
  return sha256;
}

/** Stores one that is to be flushed to the disk before it is acknowledged. */
async function flushed(
  context: HandlerContext,
  batch: SmallFileBatch,
  request: FilePutRequest,
  content: Uint8Array,
): Promise<string | undefined> {
  batch.add(request, content, storerOf(context));
  await batch.flush();
  if (context.files.wasStopped?.()) return undefined;
  const sha256 = batch.place(0, request);
  await batch.flushNames();
  return sha256;
}

/** Waits a moment for the end of a small file, which is not worth the long way just because it is late. */
async function waitForRest(data: MessageReader, { size }: FilePutRequest): Promise<void> {
  const moment = new AbortController();
  const timer = setTimeout(() => moment.abort(), MOMENT_MS);
  try {
    await data.gatherRest(size + TRAILER_LENGTH, moment.signal);
  } finally {
    clearTimeout(timer);
  }
}

/** Whether a file is small, comes as it is, there is no part of it yet, and its SHA-256 is to be compared. */
function isSmall({ size, offset, unverified, compression }: FilePutRequest): boolean {
  return size <= SMALL_SIZE && offset === undefined && compression === undefined && !unverified;
}
