import { createHash } from "node:crypto";
import { checkOptions, checkWord, type OptionNames, orAborted } from "../base/mod.ts";
import { StreamAbortedError } from "../ffi/mod.ts";
import {
  ApplicationError,
  type FilePutStreamRequest,
  messages,
  OVERWRITE_POLICIES,
  type OverwritePolicy,
  parseNewFileName,
  PIECE_HEADER_LENGTH,
  ProtocolError,
  RemoteError,
} from "../protocol/mod.ts";
import { hashInSlices, RESUMABLE_SIZE } from "../transfer/mod.ts";
import { outgoingBytes } from "./compression.ts";
import { UnknownSizeError } from "./errors.ts";
import { type Exchange, exchange, type RequestOptions, type StreamOpener } from "./exchange.ts";
import { TransferMeter } from "./transfer_meter.ts";
import { type Moved, stored, transferResult } from "./transfer_result.ts";

/** How much is read at a time, in bytes. */
const PIECE_LENGTH = 256 * 1024;

/** Pieces that may be on their way at least, and where the path takes so many. */
const FEW_PIECES = 8;
const MANY_PIECES = 256;

/** What `putStream` reads from: `Deno.stdin`, an open file. */
export interface ByteReader {
  /** Reads some bytes, at most as many as fit; resolves with how many, or with `null` behind the last. */
  read(buffer: Uint8Array): Promise<number | null>;
}

/** What `putStream` takes. */
export interface PutStreamOptions extends RequestOptions {
  /** What becomes of a file that has the name already; `never`, the default, keeps it. */
  overwrite?: OverwritePolicy;
  /** Is told how many bytes have been sent so far. */
  onProgress?: (bytes: number) => void;
}

const OPTION_NAMES: OptionNames<PutStreamOptions> = {
  overwrite: true,
  onProgress: true,
  signal: true,
};

/** The first bytes of a source, which may be all. */
export interface Opening {
  readonly bytes: Uint8Array;
  readonly whole: boolean;
}

/**
 * Reads the beginning of a source: as much as is as soon sent again, and needs no other way than any file.
 *
 * @throws The signal's reason, also while there is nothing to be read.
 */
export async function readOpening(
  source: ByteReader,
  name: string,
  options: PutStreamOptions,
): Promise<Opening> {
  checkOptions("Cannot store a file", options, OPTION_NAMES);
  checkWord("Cannot store a file", "overwrite", options.overwrite, OVERWRITE_POLICIES);
  parseNewFileName(name);
  let bytes = new Uint8Array(PIECE_LENGTH);
  let length = 0;
  while (length < RESUMABLE_SIZE) {
    if (length === bytes.length) {
      const longer = new Uint8Array(2 * length);
      longer.set(bytes);
      bytes = longer;
    }
    const count = await orAborted(source.read(bytes.subarray(length)), options.signal);
    if (count === null) return { bytes: bytes.subarray(0, length), whole: true };
    length += count;
  }
  return { bytes: bytes.subarray(0, length), whole: false };
}

/** Stores what a source has behind its opening, and that, without knowing how much it is. */
export async function putStream(
  opener: StreamOpener,
  source: ByteReader,
  { bytes }: Opening,
  name: string,
  options: PutStreamOptions,
): Promise<Moved> {
  const { overwrite = "never" } = options;
  const begun = performance.now();
  const meter = new TransferMeter(opener);
  const outgoingData = await outgoingBytes(opener, options.signal);
  const body: FilePutStreamRequest = { name, overwrite, ...outgoingData.said };
  const outgoing = { message: messages.filePutStream, body, data: true };
  try {
    return await exchange(opener, outgoing, options, async ({ sink: stream, answer, reader }) => {
      meter.watch(stream);
      const sink = outgoingData.sinkOf(stream, meter);
      const sent = await sendUnlessAnswered(source, bytes, { sink, answer }, options);
      const there = messages.filePutStream.parseResponse((await answer).body);
      await reader.expectEnd();
      if (there.size !== sent.size || there.sha256 !== sent.sha256) {
        const message = `Server stored "${name}" differently from what was sent; remove it there`;
        throw new ProtocolError("hash-mismatch", message);
      }
      const ms = performance.now() - begun;
      return stored(transferResult(name, sent.size, sent.sha256, ms, meter), there.name);
    });
  } catch (error) {
    if (!(error instanceof RemoteError) || error.code !== "unknown-type") throw error;
    throw new UnknownSizeError(
      `Cannot store "${name}": the server is an older one, and has to know beforehand how much it is; ` +
        "save it to a file first, and send that",
    );
  }
}

/** Sends everything; a refusal ends it, also the wait for more, and is what is thrown then. */
async function sendUnlessAnswered(
  source: ByteReader,
  opening: Uint8Array,
  { sink, answer }: Pick<Exchange, "sink" | "answer">,
  { signal, onProgress }: PutStreamOptions,
): Promise<{ size: number; sha256: string }> {
  const refusal = new AbortController();
  answer.catch((reason) => refusal.abort(reason));
  const both = signal === undefined ? refusal.signal : AbortSignal.any([signal, refusal.signal]);
  try {
    return await sendPieces(source, opening, sink, both, onProgress);
  } catch (error) {
    both.throwIfAborted();
    if (error instanceof StreamAbortedError) await answer; // it says why
    else sink.abort(ApplicationError.abandoned);
    throw error;
  }
}

async function sendPieces(
  source: ByteReader,
  opening: Uint8Array,
  sink: Exchange["sink"],
  signal: AbortSignal,
  onProgress: (bytes: number) => void = () => {},
): Promise<{ size: number; sha256: string }> {
  const hash = createHash("sha256");
  const free: Uint8Array[] = [];
  const sends: Promise<void>[] = [];
  let size = 0;
  /** @param piece With room for its length in front. */
  const send = async (piece: Uint8Array): Promise<void> => {
    const bytes = piece.subarray(PIECE_HEADER_LENGTH);
    new DataView(piece.buffer, piece.byteOffset).setUint32(0, bytes.length);
    const end = size += bytes.length;
    const sent = sink.send(piece).then(() => onProgress(end));
    sent.catch(() => {}); // is looked at below, in its turn
    sends.push(sent);
    await hashInSlices(hash, bytes);
    const most = Math.ceil((sink.idealBytes ?? 0) / PIECE_LENGTH);
    while (sends.length > Math.min(Math.max(FEW_PIECES, most), MANY_PIECES)) await sends.shift();
  };
  for (let at = 0; at < opening.length; at += PIECE_LENGTH) {
    const bytes = opening.subarray(at, at + PIECE_LENGTH);
    const piece = new Uint8Array(PIECE_HEADER_LENGTH + bytes.length);
    piece.set(bytes, PIECE_HEADER_LENGTH);
    await send(piece);
  }
  for (;;) {
    const buffer = free.pop() ?? new Uint8Array(PIECE_HEADER_LENGTH + PIECE_LENGTH);
    const count = await orAborted(source.read(buffer.subarray(PIECE_HEADER_LENGTH)), signal);
    if (count === null) break;
    await send(buffer.subarray(0, PIECE_HEADER_LENGTH + count));
    sends.at(-1)?.then(() => free.push(buffer), () => {});
  }
  const digest = hash.digest();
  const end = new Uint8Array(PIECE_HEADER_LENGTH + digest.length);
  end.set(digest, PIECE_HEADER_LENGTH);
  await Promise.all([...sends, sink.send(end, { fin: true })]);
  return { size, sha256: digest.toString("hex") };
}
