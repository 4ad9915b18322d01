import {
  type FilePutRequest,
  type MessageReader,
  ProtocolError,
  WIRE_ERRORS,
} from "../../protocol/mod.ts";
import {
  FileExistsError,
  type FileTarget,
  type IncomingFile,
  receiveFile,
  RESUMABLE_SIZE,
  spaceError,
  unavailableError,
  uploadIdOf,
} from "../../transfer/mod.ts";
import type { HandlerContext, TransferDetails } from "./handler.ts";

/**
 * Receives a file, and stores it: under a temporary name first, and under its own once it is whole and
 * verified. What can be refused is refused before any data is read.
 *
 * @param target Where it is to be, which may get another name.
 * @returns The SHA-256 of its bytes, in hexadecimal.
 */
export async function storeFile(
  context: HandlerContext,
  target: FileTarget,
  request: FilePutRequest,
  data: MessageReader,
): Promise<string> {
  try {
    const earlier = await target.find(request);
    if (earlier !== undefined) return earlier;
    using _place = context.uploads.enter();
    return await receive(context, { target, request, data });
  } catch (error) {
    throw storeError(error, request.name, target);
  }
}

/** Name of the token by which something is stored, if it is one that may have a quota. */
export function storerOf(
  { session: { identity } }: Pick<HandlerContext, "session">,
): string | undefined {
  return identity.kind === "token" ? identity.name : undefined;
}

/**
 * What keeps a file from being stored, in the words that its client is to read.
 *
 * @param name What the client has called it.
 */
export function storeError(error: unknown, name: string, target: FileTarget): unknown {
  // Any step may be the one for which there is no room.
  const action = `Cannot store "${target.name}"`;
  if (error instanceof FileExistsError && target.name !== name) {
    const message = `Server calls it "${target.name}": ${WIRE_ERRORS[error.code]}`;
    return new ProtocolError(error.code, message);
  }
  return spaceError(error, action) ?? unavailableError(error, action) ?? error;
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

/** What is to be stored, and where. */
interface Receiving {
  readonly target: FileTarget;
  readonly request: FilePutRequest;
  readonly data: MessageReader;
}

async function receive(
  context: HandlerContext,
  { target, request, data }: Receiving,
): Promise<string> {
  await using incoming = await target.begin(request);
  using transfer = await beginReceiving(context, request, target.name, incoming);
  const { start } = incoming;
  const { signal } = transfer;
  try {
    const sha256 = await receiveFile(data, incoming.file, request.size, {
      onProgress: transfer.onProgress,
      trailer: request.unverified ? "ignored" : "compared",
      journal: incoming.journal,
      ...(start === undefined ? {} : { start }),
      ...(signal === undefined ? {} : { signal }),
    });
    await incoming.publish(sha256);
    return sha256;
  } catch (error) {
    await incoming.dropAfter(error);
    throw error;
  }
}

/** A transfer that is under way. */
export interface Receipt extends Disposable {
  readonly onProgress: (received: number) => void | Promise<void>;
  /** Ends it, for the reason that the client is told: it was cancelled, or another attempt has taken over. */
  readonly signal: AbortSignal | undefined;
}

/** Begins a transfer, once there is room for it. */
export async function beginReceiving(
  context: HandlerContext,
  request: FilePutRequest,
  name: string,
  incoming: Pick<IncomingFile, "reserve" | "signal">,
): Promise<Receipt> {
  using stack = new DisposableStack();
  const room = stack.use(await incoming.reserve(context.signal));
  // What is smaller is over before anybody could want that.
  const stop = request.size >= RESUMABLE_SIZE ? new AbortController() : undefined;
  const transfer = stack.use(context.beginTransfer(name, detailsOf(request, stop)));
  const begun = stack.move();
  return {
    onProgress: (received) => {
      transfer.progress(received);
      if (received === request.size) transfer.settle();
      return room.progress(received);
    },
    signal: incoming.signal !== undefined && stop !== undefined
      ? AbortSignal.any([incoming.signal, stop.signal])
      : incoming.signal ?? stop?.signal,
    [Symbol.dispose]: () => begun.dispose(),
  };
}

function hasId(request: FilePutRequest): request is FilePutRequest & { id: string } {
  return request.id !== undefined;
}
