import {
  type FilePutRequest,
  type MessageReader,
  messages,
  parseNewFileName,
  ProtocolError,
  TRAILER_LENGTH,
} from "../../protocol/mod.ts";
import {
  checkTarget,
  FileExistsError,
  findPublished,
  holdStorage,
  type Place,
  receiveFile,
  reserveRoom,
  SMALL_SIZE,
  spaceError,
  StagedFile,
  storeAtOnce,
  storedPlace,
  unavailableError,
  Upload,
} from "../../transfer/mod.ts";
import {
  defineHandler,
  type HandlerContext,
  type MessageHandler,
  type Storage,
} from "./handler.ts";

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
    const { data, session } = context;
    parseNewFileName(request.name);
    // Asked for, and not only where there is a file: that may change until this one is stored.
    if ((request.overwrite ?? "never") !== "never") {
      session.identity.check("delete", "replacing files");
    }
    if (data === undefined) {
      throw new ProtocolError("bad-frame", "Request file.put comes without the file's data");
    }
    if (isSmall(request) && data.peekRest() === undefined) await waitForRest(data, request);
    const sha256 = storeNow(context, request, data) ?? await store(context, request, data);
    return { name: request.name, size: request.size, sha256 };
  },
);

/**
 * Stores a small file whose bytes are all there. No other attempt can come between, so there is nothing
 * that could be taken over; an attempt that is not the first may have something to take over itself.
 *
 * @returns `undefined` if it has to take the long way, which also says why it cannot be stored.
 */
function storeNow(
  context: HandlerContext,
  request: FilePutRequest,
  data: MessageReader,
): string | undefined {
  if (!isSmall(request) || context.storage.wasStopped?.()) return undefined;
  const content = data.peekRest();
  if (content?.length !== request.size + TRAILER_LENGTH) return undefined;
  const sha256 = storeAtOnce(context.storage, request, content);
  if (sha256 === undefined) return undefined;
  data.skipRest();
  context.beginTransfer(request.name)[Symbol.dispose]();
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

/** Whether a file is small, and there is no part of it yet. */
function isSmall({ size, offset }: FilePutRequest): boolean {
  return size <= SMALL_SIZE && offset === undefined;
}

async function store(
  context: HandlerContext,
  request: FilePutRequest,
  data: MessageReader,
): Promise<string> {
  using storage = holdStorage(context.storage);
  try {
    const place = storedPlace(storage, request.name);
    const earlier = await findEarlier(storage, request, place);
    if (earlier !== undefined) return earlier;
    using _place = context.uploads.enter();
    using room = await reserveRoom(storage, request, place);
    const left = (received: number) => room?.left(request.size - received);
    using _transfer = context.beginTransfer(request.name);
    return await receive(storage, request, data, place, left);
  } catch (error) {
    // Any step may be the one for which there is no room.
    const action = `Cannot store "${request.name}"`;
    throw spaceError(error, action) ?? unavailableError(error, action) ?? error;
  }
}

/**
 * Refuses what may not have the name.
 *
 * @returns The SHA-256 of the file, if it was this very upload that stored it.
 */
async function findEarlier(
  storage: Storage,
  request: FilePutRequest,
  place: Place,
): Promise<string | undefined> {
  const { overwrite = "never", mtime = Date.now() } = request;
  try {
    await checkTarget(place, overwrite, mtime);
    return undefined;
  } catch (error) {
    if (!hasId(request) || !(error instanceof FileExistsError)) throw error;
    const sha256 = await findPublished(storage, request, place);
    if (sha256 === undefined) throw error;
    return sha256;
  }
}

async function receive(
  storage: Storage,
  request: FilePutRequest,
  data: MessageReader,
  place: Place,
  onProgress: (received: number) => void,
): Promise<string> {
  if (hasId(request)) return await receiveUpload(storage, request, data, place, onProgress);
  await using staged = await StagedFile.create(storage.staging, storage.owner);
  const sha256 = await receiveFile(data, staged.file, request.size, { onProgress });
  await staged.publish(place, request);
  return sha256;
}

function hasId(request: FilePutRequest): request is FilePutRequest & { id: string } {
  return request.id !== undefined;
}

/** Receives what can go on if it is interrupted. */
async function receiveUpload(
  storage: Storage,
  request: FilePutRequest & { id: string },
  data: MessageReader,
  place: Place,
  onProgress: (received: number) => void,
): Promise<string> {
  await using upload = await Upload.open(storage, request);
  const { start, signal } = upload;
  try {
    const sha256 = await receiveFile(data, upload.file, request.size, {
      onProgress,
      ...(start === undefined ? {} : { start }),
      ...(signal === undefined ? {} : { signal }),
    });
    await upload.publish(place, sha256, request);
    return sha256;
  } catch (error) {
    await upload.dropAfter(error);
    throw error;
  }
}
