import {
  ApplicationError,
  CHUNK_HEADER_LENGTH,
  type FileResumeRequest,
  type MessageReader,
  messages,
  NO_MORE_CHUNKS,
} from "../protocol/mod.ts";
import { type ChunkWork, type PositionedFile, rangeWindow, sendRange } from "../transfer/mod.ts";
import {
  type Asked,
  checkAnswer,
  request,
  type RequestStream,
  type StreamOpener,
} from "./exchange.ts";
import { outgoingBytes } from "./compression.ts";
import { isOfLane } from "./stripes.ts";
import { type Coding, PartMeter } from "./transfer_meter.ts";

/** How {@linkcode sendChunks} goes about it. */
export interface SendChunksOptions {
  readonly signal: AbortSignal;
  /** Is told of the stream that the bytes go on. */
  readonly onStream: (stream: Pick<RequestStream, "blocked">) => void;
  /** More bytes have been sent. */
  readonly onProgress: () => void;
  /** The server has a chunk, of which so many bytes were sent. */
  readonly onThere: (bytes: number) => void;
  /** Is told at the end how many bytes went over the wire, and for how long compressing was waited for. */
  readonly onEnd: (coding: Coding) => void;
}

/** A chunk that was sent, or is being sent, and that the server has not said to have. */
interface Sent {
  readonly from: number;
  readonly length: number;
}

/**
 * Sends chunks on one stream, each that is to be had, until there are none.
 *
 * @param upload Which upload they are of.
 */
export async function sendChunks(
  opener: StreamOpener,
  upload: FileResumeRequest,
  file: PositionedFile,
  work: ChunkWork,
  options: SendChunksOptions,
): Promise<void> {
  const bytes = await outgoingBytes(opener, options.signal);
  const body = { ...upload, ...bytes.said };
  const outgoing = { message: messages.filePutChunks, body, data: true };
  const sent = new Map<number, Sent>();
  const part = new PartMeter();
  try {
    await request(opener, outgoing, { signal: options.signal }, async (asked) => {
      options.onStream(asked.sink);
      // Ends the wait for a chunk to send where the server has ended the stream.
      const over = new AbortController();
      const hearing = hear(asked.reader, sent, work, options);
      hearing.catch((error) => over.abort(error));
      try {
        const sink = bytes.sinkOf(asked.sink, part);
        await sendAll(sink, file, work, sent, over.signal, (bytes) => {
          part.bytes = bytes;
          options.onProgress();
        });
      } catch (error) {
        // Its refusal says more than what that has made fail.
        // What failed here has made the hearing fail.
        if (over.signal.aborted && (error === over.signal.reason || isOfLane(error))) await hearing;
        throw error;
      }
      await hearing;
    });
  } finally {
    options.onEnd(part);
    for (const [chunk, { from }] of sent) work.giveBack(chunk, from);
  }
}

async function sendAll(
  sink: Asked["sink"],
  file: PositionedFile,
  work: ChunkWork,
  sent: Map<number, Sent>,
  signal: AbortSignal,
  onTotal: (bytes: number) => void,
): Promise<void> {
  const { chunks } = work;
  const window = rangeWindow(sink);
  let total = 0;
  try {
    for (;;) {
      const chunk = await work.take(signal);
      if (chunk === undefined) break;
      const from = work.levelOf(chunk);
      const length = chunks.lengthOf(chunk) - from;
      sent.set(chunk, { from, length });
      // Nobody waits until it has arrived: what follows fails as well if it does not.
      sink.send(header(chunk, from, length)).catch(() => {});
      const onSent = (bytes: number) => {
        if (sent.has(chunk)) work.add(chunk, bytes - total);
        total = bytes;
        onTotal(bytes);
      };
      const offset = chunks.startOf(chunk) + from;
      await sendRange(window, { file, offset, length, onSent, signal });
    }
    await window.settle();
    await sink.send(header(NO_MORE_CHUNKS, 0, 0), { fin: true });
  } catch (error) {
    // Its buffers are looked at until then.
    sink.abort(ApplicationError.cancelled);
    await window.settle().catch(() => {});
    throw error;
  }
}

/** Hears which chunks the server has, until it says no more. */
async function hear(
  reader: MessageReader,
  sent: Map<number, Sent>,
  work: ChunkWork,
  { onThere }: SendChunksOptions,
): Promise<void> {
  const { filePutChunks } = messages;
  for (;;) {
    const answer = await reader.readNext();
    if (answer === undefined) return;
    const { body } = checkAnswer(answer, filePutChunks.type);
    const { chunk } = filePutChunks.parseResponse(body);
    const there = sent.get(chunk);
    if (there === undefined) continue;
    sent.delete(chunk);
    work.done(chunk);
    onThere(there.length);
  }
}

function header(chunk: number, from: number, length: number): Uint8Array {
  const bytes = new Uint8Array(CHUNK_HEADER_LENGTH);
  const view = new DataView(bytes.buffer);
  [chunk, from, length].forEach((value, index) => view.setUint32(4 * index, value));
  return bytes;
}
