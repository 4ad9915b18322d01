import { type FilePutRequest, type MessageReader, parseNewFileName } from "../../protocol/mod.ts";
import {
  checkTarget,
  FileExistsError,
  findPublished,
  holdStorage,
  type Place,
  receiveFile,
  reserveRoom,
  RESUMABLE_SIZE,
  spaceError,
  StagedFile,
  storedPlace,
  unavailableError,
  Upload,
  uploadIdOf,
} from "../../transfer/mod.ts";
import type { HandlerContext, SessionInfo, Storage, TransferDetails } from "./handler.ts";

/**
 * Checks what a client wants to store, before anything is done.
 *
 * @throws {InvalidNameError} The name is not allowed.
 * @throws {ProtocolError} `permission-denied`: it may not use that name, or not replace files, and wants to.
 */
export function checkAllowed(
  { name, overwrite }: Pick<FilePutRequest, "name" | "overwrite">,
  { identity }: SessionInfo,
): void {
  parseNewFileName(name);
  identity.checkName(name);
  // Asked for, and not only where there is a file: that may change until this one is stored.
  if ((overwrite ?? "never") !== "never") identity.check("delete", "replacing files");
}

/**
 * Receives a file, and stores it: under a temporary name first, and under its own once it is whole and
 * verified. What can be refused is refused before any data is read.
 *
 * @returns The SHA-256 of its bytes, in hexadecimal.
 */
export async function storeFile(
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
    // What is smaller is over before anybody could want that.
    const stop = request.size >= RESUMABLE_SIZE ? new AbortController() : undefined;
    using transfer = context.beginTransfer(request.name, detailsOf(request, stop));
    const onProgress = (received: number) => {
      room?.left(request.size - received);
      transfer.progress(received);
      if (received === request.size) transfer.settle();
    };
    return await receive(storage, request, data, place, { onProgress, signal: stop?.signal });
  } catch (error) {
    // Any step may be the one for which there is no room.
    const action = `Cannot store "${request.name}"`;
    throw spaceError(error, action) ?? unavailableError(error, action) ?? error;
  }
}

function detailsOf(request: FilePutRequest, stop: AbortController | undefined): TransferDetails {
  return {
    direction: "up",
    size: request.size,
    start: request.offset ?? 0,
    ...(hasId(request) ? { id: () => uploadIdOf(request) } : {}),
    ...(stop === undefined ? {} : { cancel: (reason) => stop.abort(reason) }),
  };
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

/** How an upload is received. */
interface Receiving {
  readonly onProgress: (received: number) => void;
  /** Ends it, for the reason that the client is told. */
  readonly signal: AbortSignal | undefined;
}

async function receive(
  storage: Storage,
  request: FilePutRequest,
  data: MessageReader,
  place: Place,
  receiving: Receiving,
): Promise<string> {
  if (hasId(request)) return await receiveUpload(storage, request, data, place, receiving);
  await using staged = await StagedFile.create(storage.staging, storage.owner);
  const { onProgress, signal } = receiving;
  const sha256 = await receiveFile(data, staged.file, request.size, {
    onProgress,
    ...(signal === undefined ? {} : { signal }),
  });
  await staged.publish(place, { ...request, sha256 });
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
  { onProgress, signal: cancelled }: Receiving,
): Promise<string> {
  await using upload = await Upload.open(storage, request);
  const { start } = upload;
  const signal = upload.signal !== undefined && cancelled !== undefined
    ? AbortSignal.any([upload.signal, cancelled])
    : upload.signal ?? cancelled;
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
