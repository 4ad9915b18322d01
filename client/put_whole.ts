import { createHash } from "node:crypto";
import { StreamAbortedError } from "../ffi/mod.ts";
import {
  ApplicationError,
  type FilePutRequest,
  type FilePutResponse,
  messages,
  ProtocolError,
  TRAILER_LENGTH,
} from "../protocol/mod.ts";
import { outgoingBytes } from "./compression.ts";
import { type Exchange, exchange, type StreamOpener } from "./exchange.ts";
import { isOfStream } from "./of_stream.ts";
import type { PutOptions } from "./put_options.ts";
import type { Source } from "./put_source.ts";
import type { SmallSource } from "./small_source.ts";
import type { SourceFacts } from "./source_facts.ts";
import type { TransferMeter } from "./transfer_meter.ts";
import { type Moved, stored, transferResult } from "./transfer_result.ts";
import { isHashed } from "./verification.ts";

/** Which upload it is, and how it goes. */
export interface Putting {
  opener: StreamOpener;
  name: string;
  options: PutOptions;
  id: string;
  meter: TransferMeter;
}

/** What was sent. */
export interface Sent {
  /** What the server calls it. */
  name: string;
  sha256: string;
}

/** Sends a small file together with the request. */
export async function sendAtOnce(putting: Putting, source: SmallSource): Promise<Moved> {
  const { bytes } = source;
  const start = performance.now();
  const { opener, name, options } = putting;
  const size = bytes.length;
  const digest = createHash("sha256").update(bytes).digest();
  const sha256 = digest.toString("hex");
  const body = requestOf(putting, size, source);
  const outgoing = { message: messages.filePut, body, data: [bytes, digest] };
  const there = await exchange(opener, outgoing, options, async ({ answer, reader }) => {
    const stored = messages.filePut.parseResponse((await answer).body);
    await reader.expectEnd();
    checkStored(stored, size, sha256);
    return stored.name;
  });
  options.onProgress?.(size);
  const ms = performance.now() - start;
  return stored(transferResult(name, size, sha256, ms, putting.meter), there);
}

/**
 * Sends it by one request, and finds that the server has stored the same.
 *
 * @param offset Where to begin; `undefined`, if the server has not been asked.
 */
export async function sendWhole(
  putting: Putting,
  source: Source,
  offset: number | undefined,
): Promise<Sent> {
  const { opener, options } = putting;
  const { signal } = options;
  const { size } = source;
  const bytes = await outgoingBytes(opener, signal, size - (offset ?? 0));
  const body = { ...requestOf(putting, size, source), ...bytes.said };
  if (offset !== undefined) body.offset = offset;
  const unverified = isUnverified(putting, source);
  if (unverified) body.unverified = true;
  const outgoing = { message: messages.filePut, body, data: true };
  return await exchange(opener, outgoing, options, async (request) => {
    putting.meter.watch(request.sink);
    const length = size - (offset ?? 0) + TRAILER_LENGTH;
    const sink = bytes.sinkOf(request.sink, putting.meter, length);
    const sending = { ...request, sink };
    const sha256 = await sendUnlessAnswered(source, offset ?? 0, sending, signal, unverified);
    const stored = messages.filePut.parseResponse((await request.answer).body);
    await request.reader.expectEnd();
    checkStored(stored, size, unverified ? stored.sha256 : sha256);
    return { name: stored.name, sha256: stored.sha256 };
  });
}

/** What is in memory is hashed in any case. */
export function isUnverified({ options: { verify } }: Putting, { held }: Source): boolean {
  return held === undefined && !isHashed(verify);
}

export function requestOf(
  { name, options, id }: Putting,
  size: number,
  { mtime, mode }: SourceFacts,
): FilePutRequest {
  const { overwrite = "never", part } = options;
  const body: FilePutRequest = { name, size, overwrite, id };
  if (part !== undefined) body.part = part;
  if (mtime !== undefined) body.mtime = mtime;
  if (mode !== undefined) body.mode = mode;
  return body;
}

/** Sends everything; a refusal ends it, and is what is thrown then. */
async function sendUnlessAnswered(
  source: Source,
  offset: number,
  { sink, answer }: Exchange,
  signal: AbortSignal | undefined,
  unverified: boolean,
): Promise<string> {
  const refusal = new AbortController();
  answer.catch((reason) => refusal.abort(reason));
  const both = signal === undefined ? refusal.signal : AbortSignal.any([signal, refusal.signal]);
  try {
    return await source.send(sink, offset, both);
  } catch (error) {
    if (!isOfStream(error)) {
      // What failed here is the reason, and will fail again; without one, the answer fails as well.
      if (!both.aborted) sink.abort(ApplicationError.abandoned);
      throw error;
    }
    if (error instanceof StreamAbortedError && !both.aborted) {
      // The server no longer reads: its answer, which is on its way, says why.
      await answer;
      // It has the file already, from an attempt whose answer was lost.
      return unverified ? "" : await source.digest(signal);
    }
    refusal.signal.throwIfAborted();
    throw error;
  }
}

/**
 * Finds that a server has stored what was sent.
 *
 * @param sha256 Of that; `undefined` where not all of it was told.
 * @throws {ProtocolError} `hash-mismatch`
 */
export function checkStored(
  stored: Pick<FilePutResponse, "name" | "size" | "sha256">,
  size: number,
  sha256: string | undefined,
): void {
  if (stored.size === size && stored.sha256 === sha256) return;
  throw new ProtocolError(
    "hash-mismatch",
    `Server stored "${stored.name}" differently from what was sent: ${stored.size} bytes, ` +
      `SHA-256 ${stored.sha256}; remove it there and send it again`,
  );
}
