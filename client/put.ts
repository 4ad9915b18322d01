import { basename, resolve } from "node:path";
import { StreamAbortedError } from "../ffi/mod.ts";
import {
  type FilePutRequest,
  type FilePutResponse,
  MessageType,
  type OverwritePolicy,
  parseFileName,
  parseFilePutResponse,
  ProtocolError,
} from "../protocol/mod.ts";
import { type ByteSink, fileError, NotAFileError, sendFile } from "../transfer/mod.ts";
import { type Exchange, exchange, type RequestOptions, type StreamOpener } from "./exchange.ts";
import { sendBytes } from "./send_bytes.ts";
import { type Moved, type TransferResult, transferResult } from "./transfer_result.ts";

/** What `put` takes. */
export interface PutOptions extends RequestOptions {
  /** What becomes of a file that has the name already; `never`, the default, keeps it. */
  overwrite?: OverwritePolicy;
  /** Is told how many bytes have been sent so far. */
  onProgress?: (bytes: number) => void;
}

/** How a `put` went. */
export type PutResult = TransferResult;

/** Something that can be sent: its size, and how. */
interface Source {
  size: number;
  /** Time of last modification, in milliseconds since 1970-01-01 UTC. */
  mtime?: number;
  send(sink: ByteSink, signal: AbortSignal): Promise<string>;
}

/** Stores a file under a name; see `Client.put`. */
export async function put(
  opener: StreamOpener,
  source: string | Uint8Array,
  name: string | undefined,
  options: PutOptions,
): Promise<Moved> {
  const wanted = name ?? nameOf(source);
  parseFileName(wanted);
  if (typeof source !== "string") {
    return await upload(opener, memory(source, options), wanted, options);
  }
  using file = await openFile(source);
  return await upload(opener, await stored(source, file, options), wanted, options);
}

function nameOf(source: string | Uint8Array): string {
  if (typeof source === "string") return basename(resolve(source));
  throw new TypeError("Cannot store bytes without a name");
}

function memory(data: Uint8Array, { onProgress }: PutOptions): Source {
  return {
    size: data.length,
    send: (sink, signal) => sendBytes(sink, data, { signal, onProgress }),
  };
}

async function stored(path: string, file: Deno.FsFile, options: PutOptions): Promise<Source> {
  const { isFile, size, mtime } = await file.stat();
  if (!isFile) throw new NotAFileError(`Cannot send "${path}": it is not a regular file`);
  const { onProgress } = options;
  const progress = onProgress === undefined ? {} : { onProgress };
  return {
    size,
    ...(mtime === null ? {} : { mtime: mtime.getTime() }),
    send: (sink, signal) => sendFile(sink, file, size, { signal, ...progress }),
  };
}

async function openFile(path: string): Promise<Deno.FsFile> {
  try {
    return await Deno.open(path);
  } catch (cause) {
    throw fileError(cause, `Cannot read "${path}"`);
  }
}

async function upload(
  opener: StreamOpener,
  source: Source,
  name: string,
  options: PutOptions,
): Promise<Moved> {
  const { overwrite = "never", signal } = options;
  const { size, mtime } = source;
  const body: FilePutRequest = { name, size, overwrite };
  if (mtime !== undefined) body.mtime = mtime;
  const start = performance.now();
  const outgoing = { type: MessageType.filePut, body, data: true };
  const { sha256, stored } = await exchange(opener, outgoing, options, async (request) => {
    const sha256 = await sendUnlessRefused(source, request, signal);
    const stored = parseFilePutResponse((await request.answer).body);
    await request.reader.expectEnd();
    return { sha256, stored };
  });
  checkStored(stored, size, sha256);
  return transferResult(stored.name, size, sha256, performance.now() - start);
}

/** Sends everything; a refusal ends it, and is what is thrown then. */
async function sendUnlessRefused(
  source: Source,
  { sink, answer }: Exchange,
  signal: AbortSignal | undefined,
): Promise<string> {
  const refusal = new AbortController();
  answer.catch((reason) => refusal.abort(reason));
  const both = signal === undefined ? refusal.signal : AbortSignal.any([signal, refusal.signal]);
  try {
    return await source.send(sink, both);
  } catch (error) {
    // The server no longer reads: its answer, which is on its way, says why.
    if (error instanceof StreamAbortedError && !both.aborted) await answer;
    refusal.signal.throwIfAborted();
    throw error;
  }
}

function checkStored(stored: FilePutResponse, size: number, sha256: string): void {
  if (stored.size === size && stored.sha256 === sha256) return;
  throw new ProtocolError(
    "hash-mismatch",
    `Server stored "${stored.name}" differently from what was sent: ${stored.size} bytes, ` +
      `SHA-256 ${stored.sha256}; remove it there and send it again`,
  );
}
