import { basename, dirname, resolve } from "node:path";
import {
  type FileInfo,
  Flags,
  type Message,
  MessageType,
  type OverwritePolicy,
  parseFileInfo,
  parseFileName,
  ProtocolError,
} from "../protocol/mod.ts";
import { checkTarget, receiveFile, StagedFile } from "../transfer/mod.ts";
import { exchange, type RequestOptions, type StreamOpener } from "./exchange.ts";
import { type Moved, type TransferResult, transferResult } from "./transfer_result.ts";

/** What `get` takes. */
export interface GetOptions extends RequestOptions {
  /** What becomes of a file that is at the destination already; `never`, the default, keeps it. */
  overwrite?: OverwritePolicy;
  /** Is told how many bytes have been received so far, of how many. */
  onProgress?: (bytes: number, total: number) => void;
}

/** How a `get` went. */
export interface GetResult extends TransferResult {
  /** Absolute path of the file that was written. */
  path: string;
}

/** Fetches a file; see `Client.get`. */
export async function get(
  opener: StreamOpener,
  name: string,
  destination: string | undefined,
  options: GetOptions,
): Promise<Moved & { path: string }> {
  parseFileName(name);
  const path = resolve(destination ?? basename(name));
  const { overwrite = "never", signal, onProgress } = options;
  // What the server has may be newer than anything: that is seen when its answer is there.
  await checkTarget(path, overwrite, Infinity);
  const start = performance.now();
  const outgoing = { type: MessageType.fileGet, body: { name } };
  return await exchange(opener, outgoing, options, async ({ answer, reader }) => {
    const { size, mtime } = parseAnswer(await answer, name);
    await checkTarget(path, overwrite, mtime);
    await using staged = await StagedFile.create(dirname(path));
    const sha256 = await receiveFile(reader, staged.file, size, {
      ...(signal === undefined ? {} : { signal }),
      onProgress: (bytes) => onProgress?.(bytes, size),
    });
    signal?.throwIfAborted();
    await staged.publish(path, { overwrite, mtime });
    return { path, ...transferResult(name, size, sha256, performance.now() - start) };
  });
}

function parseAnswer({ flags, body }: Message, name: string): FileInfo {
  const info = parseFileInfo(body);
  if (info.name === name && (flags & Flags.data) !== 0) return info;
  throw new ProtocolError("bad-body", `Server answered with something other than "${name}"`);
}
