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
import type { HandlerContext, Storage, TransferDetails } from "./handler.ts";

/**
 * Checks what a client wants to store, before anything is done; its size, if that is known.
 *
 * @throws {InvalidNameError} The name is not allowed.
 * @throws {ProtocolError} `permission-denied`: it may not use that name, or not replace files, and wants to;
 * `file-too-large`.
 */
export function checkAllowed(
  { name, size = 0, overwrite }: Pick<FilePutRequest, "name" | "overwrite"> & { size?: number },
  { session: { identity }, storage: { check } }: Pick<HandlerContext, "session" | "storage">,
): void {
  parseNewFileName(name);
  check.checkName(name);
  check.checkSize(size);
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
    return await receive(context, { storage, request, data, place });
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

/** What is to be stored, and where. */
interface Receiving<Request extends FilePutRequest = FilePutRequest> {
  readonly storage: Storage;
  readonly request: Request;
  readonly data: MessageReader;
  readonly place: Place;
}

async function receive(context: HandlerContext, receiving: Receiving): Promise<string> {
  const { storage, request, data, place } = receiving;
  if (hasId(request)) return await receiveUpload(context, { ...receiving, request });
  await using staged = await StagedFile.create(storage.staging, storage.owner);
  using transfer = await begin(context, receiving, staged);
  const { onProgress, signal } = transfer;
  const sha256 = await receiveFile(data, staged.file, request.size, {
    onProgress,
    ...(signal === undefined ? {} : { signal }),
  });
  await staged.publish(place, { ...request, sha256 });
  return sha256;
}

/** A transfer that is under way. */
interface Transfer extends Disposable {
  readonly onProgress: (received: number) => void;
  /** Ends it, for the reason that the client is told. */
  readonly signal: AbortSignal | undefined;
}

/** Begins a transfer, once there is room for it. */
async function begin(
  context: HandlerContext,
  { storage, request, place }: Receiving,
  staged: Parameters<typeof reserveRoom>[2],
): Promise<Transfer> {
  using stack = new DisposableStack();
  const room = stack.use(await reserveRoom(storage, request, staged, place, context.signal));
  // What is smaller is over before anybody could want that.
  const stop = request.size >= RESUMABLE_SIZE ? new AbortController() : undefined;
  const transfer = stack.use(context.beginTransfer(request.name, detailsOf(request, stop)));
  const begun = stack.move();
  return {
    onProgress: (received) => {
      room?.left(request.size - received);
      transfer.progress(received);
      if (received === request.size) transfer.settle();
    },
    signal: stop?.signal,
    [Symbol.dispose]: () => begun.dispose(),
  };
}

function hasId(request: FilePutRequest): request is FilePutRequest & { id: string } {
  return request.id !== undefined;
}

/** Receives what can go on if it is interrupted. */
async function receiveUpload(
  context: HandlerContext,
  receiving: Receiving<FilePutRequest & { id: string }>,
): Promise<string> {
  const { storage, request, data, place } = receiving;
  await using upload = await Upload.open(storage, request);
  // What there is of it stays where there is no room for the rest: until there is, or others need its room.
  using transfer = await begin(context, receiving, {
    path: upload.path,
    announce: () => upload.announce(),
  });
  const { start } = upload;
  const signal = upload.signal !== undefined && transfer.signal !== undefined
    ? AbortSignal.any([upload.signal, transfer.signal])
    : upload.signal ?? transfer.signal;
  try {
    const sha256 = await receiveFile(data, upload.file, request.size, {
      onProgress: transfer.onProgress,
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
