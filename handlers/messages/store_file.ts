import { type FilePutRequest, type MessageReader, parseNewFileName } from "../../protocol/mod.ts";
import {
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
 * Checks what a client wants to store, before anything is done; its size, if that is known.
 *
 * @throws {InvalidNameError} The name is not allowed.
 * @throws {ProtocolError} `permission-denied`: it may not use that name, or not replace files, and wants to;
 * `file-too-large`.
 */
export function checkAllowed(
  { name, size = 0, overwrite }: Pick<FilePutRequest, "name" | "overwrite"> & { size?: number },
  { session: { identity }, files: { check } }: Pick<HandlerContext, "session" | "files">,
): void {
  parseNewFileName(name);
  check.checkName(name);
  check.checkSize(size);
  identity.checkName(name);
  // Asked for, and not only where there is a file: that may change until this one is stored.
  if ((overwrite ?? "never") !== "never") identity.check("delete", "replacing files");
}

/** Name of the token by which something is stored, if it is one that may have a quota. */
export function storerOf({ session: { identity } }: Pick<HandlerContext, "session">) {
  return identity.kind === "token" ? identity.name : undefined;
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
  using target = context.files.target(request.name, storerOf(context));
  try {
    const earlier = await target.find(request);
    if (earlier !== undefined) return earlier;
    using _place = context.uploads.enter();
    return await receive(context, { target, request, data });
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
  using transfer = await begin(context, request, incoming);
  const { start } = incoming;
  const signal = incoming.signal !== undefined && transfer.signal !== undefined
    ? AbortSignal.any([incoming.signal, transfer.signal])
    : incoming.signal ?? transfer.signal;
  try {
    const sha256 = await receiveFile(data, incoming.file, request.size, {
      onProgress: transfer.onProgress,
      trailer: request.unverified ? "ignored" : "compared",
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
interface Transfer extends Disposable {
  readonly onProgress: (received: number) => void | Promise<void>;
  /** Ends it, for the reason that the client is told. */
  readonly signal: AbortSignal | undefined;
}

/** Begins a transfer, once there is room for it. */
async function begin(
  context: HandlerContext,
  request: FilePutRequest,
  incoming: IncomingFile,
): Promise<Transfer> {
  using stack = new DisposableStack();
  const room = stack.use(await incoming.reserve(context.signal));
  // What is smaller is over before anybody could want that.
  const stop = request.size >= RESUMABLE_SIZE ? new AbortController() : undefined;
  const transfer = stack.use(context.beginTransfer(request.name, detailsOf(request, stop)));
  const begun = stack.move();
  return {
    onProgress: (received) => {
      transfer.progress(received);
      if (received === request.size) transfer.settle();
      return room.progress(received);
    },
    signal: stop?.signal,
    [Symbol.dispose]: () => begun.dispose(),
  };
}

function hasId(request: FilePutRequest): request is FilePutRequest & { id: string } {
  return request.id !== undefined;
}
