import { settlesWithin } from "../base/mod.ts";
import { StreamAbortedError } from "../ffi/mod.ts";
import {
  ApplicationError,
  CHUNK_RECORD_LENGTH,
  type FilePutStripedRequest,
  type FilePutStripedResponse,
  type FileResumeRequest,
  type MessageReader,
  messages,
  RemoteError,
} from "../protocol/mod.ts";
import {
  ChunkLevels,
  Chunks,
  ChunkWork,
  type PositionedFile,
  PrefixHasher,
} from "../transfer/mod.ts";
import { Digests } from "./digests.ts";
import { checkAnswer, request, type RequestStream, type StreamOpener } from "./exchange.ts";
import { checkStored } from "./put_whole.ts";
import { sendChunks } from "./send_chunks.ts";
import type { SideLinks } from "./side_links.ts";
import type { Coding } from "./transfer_meter.ts";
import { isOfLane, type LaneRun, overLanes, WholeOnly } from "./stripes.ts";

/** How long that may take, in milliseconds. */
const MOMENT_MS = 1000;

/** A file that is to be sent in chunks. */
export interface StripedUpload {
  readonly opener: StreamOpener;
  readonly beside: () => SideLinks;
  readonly body: FilePutStripedRequest;
  readonly file: PositionedFile;
  /** Over how many connections. */
  readonly streams: number;
  readonly signal: AbortSignal | undefined;
  /** Finds that what was read of the file is no mixture, by its SHA-256; what it throws ends the upload. */
  readonly check: (digest: Uint8Array, signal: AbortSignal) => Promise<void>;
  /** The SHA-256 of all of the file, in hexadecimal. */
  readonly digest: (signal: AbortSignal | undefined) => Promise<string>;
  readonly onProgress: ((bytes: number) => void) | undefined;
  /** Is told what one of the streams has moved. */
  readonly onPart: (part: Coding) => void;
  /** Is told of the stream that the bytes go on, of one of the connections. */
  readonly onStream: (stream: Pick<RequestStream, "blocked">) => void;
}

/** How sending it went. */
export interface StripedOutcome {
  /** Of the file that is stored, in hexadecimal. */
  readonly sha256: string;
  /** Bytes that need not be sent. */
  readonly resumedFrom: number;
}

/**
 * Sends a file in chunks, over one connection or several, whichever of them comes first. The server verifies
 * each by what is here, and has one that is wrong sent again alone.
 *
 * @throws {ProtocolError} `hash-mismatch`: the server has stored something else.
 * @throws What is no error, {@linkcode WholeOnly}: the server takes the file as a whole only.
 */
export async function putStriped(upload: StripedUpload): Promise<StripedOutcome> {
  const { opener, body, signal } = upload;
  const outgoing = { message: messages.filePutStriped, body, data: true };
  const options = signal === undefined ? {} : { signal };
  return await request(opener, outgoing, options, async ({ sink, reader }) => {
    let first: FilePutStripedResponse | undefined;
    try {
      first = await readAnswer(reader);
    } catch (error) {
      if (error instanceof RemoteError && error.code === "unknown-type") throw new WholeOnly();
      throw error;
    }
    const { sha256 } = first;
    if (sha256 !== undefined) {
      checkStored({ ...body, sha256 }, body.size, await upload.digest(signal));
      return { sha256, resumedFrom: body.size };
    }
    const levels = ChunkLevels.decode(new Chunks(body.size), first.levels ?? new Uint8Array());
    const sending = new Sending(upload, sink, reader, new ChunkWork(levels));
    try {
      const sha256 = await sending.run();
      await sink.send(new Uint8Array(), { fin: true });
      return { sha256, resumedFrom: Math.max(0, body.size - sending.moved) };
    } catch (error) {
      // What failed here is the reason, and will fail again.
      if (!isOfLane(error) && !signal?.aborted) sink.abort(ApplicationError.abandoned);
      throw error;
    }
  });
}

/** The file, from when it is known what is missing. */
class Sending {
  readonly #upload: StripedUpload;
  readonly #sink: Pick<RequestStream, "send">;
  readonly #reader: MessageReader;
  readonly #work: ChunkWork;
  readonly #digests: Digests;
  readonly #stop = new AbortController();
  /** The SHA-256 of all of the file, in hexadecimal, once the server is told of it. */
  #told: string | undefined;
  /** How many bytes have been sent. */
  moved = 0;

  constructor(
    upload: StripedUpload,
    sink: Pick<RequestStream, "send">,
    reader: MessageReader,
    work: ChunkWork,
  ) {
    this.#upload = upload;
    this.#sink = sink;
    this.#reader = reader;
    this.#work = work;
    this.#digests = new Digests(work.chunks.count);
  }

  /** Sends what is missing. @returns The SHA-256 of what is stored. */
  async run(): Promise<string> {
    const { opener, body, beside, streams, signal } = this.#upload;
    const work = this.#work;
    const stop = () => this.#stop.abort(signal?.reason);
    if (signal?.aborted) stop();
    else signal?.addEventListener("abort", stop, { once: true });
    await using side = beside();
    const first: LaneRun = (request) => request(opener);
    const lanes = overLanes(
      first,
      side,
      streams,
      work,
      (run, number) => run((opener) => this.#sendChunks(opener, number === 0)),
    );
    const telling = Promise.all([this.#hash(), this.#tellAll()]).catch((error) => work.fail(error));
    try {
      const sha256 = await this.#listen();
      checkStored({ ...body, sha256 }, body.size, this.#told);
      work.finish();
      return sha256;
    } catch (error) {
      work.fail(error);
      this.#stop.abort(error);
      throw error;
    } finally {
      signal?.removeEventListener("abort", stop);
      await Promise.all([lanes, telling]);
    }
  }

  /** Hears what the server says: which chunks are to come again, and at last what it has stored. */
  async #listen(): Promise<string> {
    for (;;) {
      const answering = readAnswer(this.#reader);
      answering.catch(() => {}); // what ended the wait is the reason
      const { again, sha256 } = await Promise.race([answering, this.#work.failed])
        .catch((error) => whatServerSays(answering, error));
      if (sha256 !== undefined) return sha256;
      if (again === undefined) continue;
      this.#work.giveBack(again, 0);
      this.#tell(again).catch((error) => this.#work.fail(error));
    }
  }

  /** Hashes the file from its start on, as far as it is being sent: it is in the system's memory then. */
  async #hash(): Promise<void> {
    const hasher = new PrefixHasher(this.#upload.file, this.#work.chunks);
    while (hasher.next < hasher.chunks.count) {
      await this.#work.whenTaken(hasher.next);
      const digest = await hasher.digest(this.#stop.signal);
      this.#digests.set(hasher.next, digest);
      hasher.accept();
    }
  }

  async #tellAll(): Promise<void> {
    for (let chunk = 0; chunk < this.#work.chunks.count; chunk++) await this.#tell(chunk);
  }

  /** Tells of a chunk, when it is there, and what all up to its end is. */
  async #tell(chunk: number): Promise<void> {
    await this.#work.whenWhole(chunk);
    const digest = await Promise.race([this.#digests.of(chunk), this.#work.failed]);
    // Told of the last one, the server publishes the file.
    const isLast = chunk === this.#work.chunks.count - 1;
    if (isLast) {
      await this.#upload.check(digest, this.#stop.signal);
      this.#told = digest.toHex();
    }
    const record = new Uint8Array(CHUNK_RECORD_LENGTH);
    new DataView(record.buffer).setUint32(0, chunk);
    record.set(digest, 4);
    // Nobody waits until it has arrived: it may be a long way.
    this.#sink.send(record).catch((error) => this.#work.fail(error));
  }

  async #sendChunks(opener: StreamOpener, isFirst: boolean): Promise<void> {
    const { body: { id, part, name, size }, file, onProgress, onStream, onPart } = this.#upload;
    const subject: FileResumeRequest = { id, name, size, ...(part === undefined ? {} : { part }) };
    await sendChunks(opener, subject, file, this.#work, {
      signal: this.#stop.signal,
      onStream: (stream) => isFirst && onStream(stream),
      onEnd: onPart,
      onProgress: () => {
        this.#upload.opener.advance?.();
        onProgress?.(Math.min(this.#work.bytes, size));
      },
      onThere: (bytes) => void (this.moved += bytes),
    });
  }
}

/** The chunks may have been refused, or not be read any more, a moment before the server says why. */
async function whatServerSays<Answer>(answering: Promise<Answer>, error: unknown): Promise<Answer> {
  const isOfServer = error instanceof RemoteError || error instanceof StreamAbortedError;
  if (isOfServer && await settlesWithin(answering, MOMENT_MS)) return await answering;
  throw error;
}

async function readAnswer(reader: MessageReader): Promise<FilePutStripedResponse> {
  const { filePutStriped } = messages;
  const { body } = checkAnswer(await reader.readMessage(), filePutStriped.type);
  return filePutStriped.parseResponse(body);
}
