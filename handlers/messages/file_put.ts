import { statfs } from "node:fs/promises";
import {
  type FilePutRequest,
  type FilePutResponse,
  MessageType,
  parseFilePutRequest,
  ProtocolError,
} from "../../protocol/mod.ts";
import {
  checkTarget,
  NoSpaceError,
  receiveFile,
  resolveName,
  StagedFile,
} from "../../transfer/mod.ts";
import type { MessageHandler, Storage } from "./handler.ts";

/** From this size on it is worth asking whether the disk has room. */
const LARGE = 1024 * 1024;

/**
 * Stores a file: under a temporary name first, and under its own once it is whole and verified.
 *
 * What can be refused is refused before any data is read, so that the client need not send it.
 */
export const filePut: MessageHandler = {
  type: MessageType.filePut,
  name: "file.put",
  async handle(exchange) {
    const { data, storage } = exchange;
    const request = parseFilePutRequest(exchange.body);
    if (data === undefined) {
      throw new ProtocolError("bad-frame", "Request file.put comes without the file's data");
    }
    const path = await accept(storage, request);
    using _transfer = exchange.beginTransfer();
    await using staged = await StagedFile.create(storage.staging, storage.owner);
    const sha256 = await receiveFile(data, staged.file, request.size);
    await staged.publish(path, request);
    const response: FilePutResponse = { name: request.name, size: request.size, sha256 };
    await exchange.reply(response);
  },
};

/** Where the file is to be stored, if it may be. */
async function accept(storage: Storage, request: FilePutRequest): Promise<string> {
  const { name, size, overwrite = "never", mtime = Date.now() } = request;
  const { path } = await resolveName(storage, name);
  await checkTarget(path, overwrite, mtime);
  if (size >= LARGE && size > await freeBytes(storage.staging)) {
    throw new NoSpaceError(`Cannot store "${name}": its ${size} bytes do not fit on the disk`);
  }
  return path;
}

/** Bytes that may still be written to a directory's file system; `Infinity` if it does not tell. */
async function freeBytes(directory: string): Promise<number> {
  try {
    const { bavail, bsize } = await statfs(directory);
    return bavail * bsize;
  } catch {
    return Infinity;
  }
}
