import { type FileInfo, messages, ProtocolError, RemoteError } from "../protocol/mod.ts";
import {
  checkTarget,
  ChunkJournal,
  ChunkLevels,
  Chunks,
  ChunkWork,
  PositionedFile,
  PrefixHasher,
  verifyChunks,
  writeChunk,
} from "../transfer/mod.ts";
import { incomingBytes, wantedBytes } from "./compression.ts";
import { Digests } from "./digests.ts";
import { ask, checkAnswer, exchange, request, type StreamOpener } from "./exchange.ts";
import type { GetOptions, GetResult } from "./get_options.ts";
import { sayingGivenUp } from "./given_up.ts";
import type { Leftover, PartialFile } from "./partial_file.ts";
import { isOfLane, type LaneRun, overLanes, type StripeServices, WholeOnly } from "./stripes.ts";
import { type Coding, PartMeter, TransferMeter } from "./transfer_meter.ts";
import { transferResult } from "./transfer_result.ts";
import { newUploadId } from "./upload_id.ts";

/** Requests that are under way on each connection: the next one is asked for before the last byte is there. */
const REQUESTS = 2;

/** A file that is to be fetched in chunks. */
export interface StripedFile {
  readonly name: string;
  /** Absolute path of where it goes. */
  readonly path: string;
  /** What it is, where the server has said so. */
  readonly info?: FileInfo | undefined;
  /** What is there of it. */
  readonly leftover?: Leftover | undefined;
  /** Over how many connections. */
  readonly streams: number;
}

/** Opens what a file is written to; see `openPartial`. */
export type OpenPartial = (
  path: string,
  info: FileInfo,
  cleanup: AsyncDisposableStack,
) => Promise<PartialFile>;

/**
 * Fetches a file in chunks, over one connection or several, whichever of them comes first. Each is verified by
 * what the server has: one that is wrong is fetched again alone.
 *
 * @throws {RemoteError} `cannot-resume`: the server has another file by now.
 * @throws What is no error, {@linkcode WholeOnly}: the server is an older one.
 */
export async function getStriped(
  services: StripeServices,
  file: StripedFile,
  options: GetOptions,
  open: OpenPartial,
): Promise<Omit<GetResult, "server">> {
  const { name, path, leftover, streams } = file;
  const { overwrite = "never", onProgress, onKept } = options;
  const begun = performance.now();
  const { info, meter } = await services.run(async (use) => ({
    meter: new TransferMeter(use),
    info: file.info ?? await ask(use, messages.fileStat, { name }, options),
  }));
  const { size, mtime, mode } = info;
  const isOther = leftover !== undefined &&
    (leftover.version.size !== size || leftover.version.mtime !== mtime);
  if (isOther) {
    throw new ProtocolError(
      "hash-mismatch",
      "What is here is of another file than the server has by now",
    );
  }
  await checkTarget(path, overwrite, mtime);
  await using cleanup = new AsyncDisposableStack();
  const partial = await open(path, info, cleanup);
  const { staged } = partial;
  const positioned = new PositionedFile(staged.file);
  const chunks = new Chunks(size);
  const journal = new ChunkJournal(positioned, chunks);
  const levels = leftover === undefined ? ChunkLevels.ofPrefix(chunks, 0) : await journal.read();
  const work = new ChunkWork(levels);
  const onPart = (part: Coding) => meter.partMoved(part, streams);
  const fetching = new Fetching({
    ...{ services, info, path, options, file: positioned, journal, work, onPart },
  });
  try {
    if (leftover === undefined) await positioned.truncate(0);
    await partial.reserve(path, size);
    await journal.begin(levels);
    fetching.onProgress = () => onProgress?.(work.bytes, size);
    const sha256 = await fetching.run(streams);
    options.signal?.throwIfAborted();
    await journal.end();
    const facts = mode === undefined ? { mtime } : { mtime, mode };
    await staged.publish(path, { overwrite, ...facts });
    const resumedFrom = Math.max(0, size - fetching.moved);
    const ms = performance.now() - begun;
    const result = transferResult(name, size, sha256, ms, meter, resumedFrom);
    return { path, ...result, streams };
  } catch (error) {
    const bytes = await partial.leave(error, work.bytes);
    if (bytes > 0) onKept?.({ path: staged.path, bytes });
    throw error;
  }
}

/** What a {@linkcode Fetching} is made of. */
interface FetchingParts {
  readonly services: StripeServices;
  readonly info: FileInfo;
  /** Where it goes. */
  readonly path: string;
  readonly options: GetOptions;
  readonly file: PositionedFile;
  readonly journal: ChunkJournal;
  readonly work: ChunkWork;
  /** Is told what a request has moved. */
  readonly onPart: (part: Coding) => void;
}

/** A file on its way into a file of its length here. */
class Fetching {
  readonly #parts: FetchingParts;
  readonly #stop = new AbortController();
  /** The server's own name for what all requests are parts of. */
  readonly #transfer = newUploadId();
  readonly #digests: Digests;
  onProgress: () => void = () => {};
  /** How many bytes have come. */
  moved = 0;

  constructor(parts: FetchingParts) {
    this.#parts = parts;
    this.#digests = new Digests(parts.work.chunks.count);
  }

  /** Fetches what is missing. @returns The SHA-256 of the file, in hexadecimal. */
  async run(streams: number): Promise<string> {
    const { services, options, work } = this.#parts;
    const { signal } = options;
    const stop = () => this.#stop.abort(signal?.reason);
    if (signal?.aborted) stop();
    else signal?.addEventListener("abort", stop, { once: true });
    await using side = services.beside();
    const lanes = overLanes(
      (request) => this.#run(request),
      side,
      streams,
      work,
      (run) => this.#lane(run),
    );
    const digests = this.#fetchDigests().catch((error) => {
      const isOld = error instanceof RemoteError && error.code === "unknown-type";
      work.fail(isOld ? new WholeOnly() : error);
    });
    try {
      const sha256 = await this.#verify();
      work.finish();
      return sha256;
    } catch (error) {
      work.fail(error);
      this.#stop.abort(error);
      throw error;
    } finally {
      signal?.removeEventListener("abort", stop);
      await Promise.all([lanes, digests]);
    }
  }

  /** Compares, chunk by chunk, what came with what the server has; what is wrong is to be fetched again. */
  async #verify(): Promise<string> {
    const { file, journal, work } = this.#parts;
    const verifying = verifyChunks(new PrefixHasher(file, work.chunks), {
      whenTold: async (chunk) => {
        await work.whenWhole(chunk);
        return await Promise.race([this.#digests.of(chunk), work.failed]);
      },
      signal: this.#stop.signal,
    });
    for (;;) {
      const { done, value } = await verifying.next();
      if (done) return value;
      await journal.note(value, 0);
      work.giveBack(value, 0);
    }
  }

  async #lane(run: LaneRun): Promise<void> {
    const { signal } = this.#stop;
    const { work } = this.#parts;
    let failed = false;
    const fetchAll = async () => {
      while (!failed) {
        const chunk = await work.take(signal);
        if (chunk === undefined) return;
        try {
          await run((opener) => this.#fetch(opener, chunk));
          work.done(chunk);
        } catch (error) {
          failed = true;
          if (!isOfLane(error)) work.fail(error);
          work.giveBack(chunk, work.levelOf(chunk));
          throw error;
        }
      }
    };
    const all = await Promise.allSettled(Array.from({ length: REQUESTS }, fetchAll));
    for (const one of all) if (one.status === "rejected") throw one.reason;
  }

  /** Fetches what is missing of a chunk. */
  async #fetch(opener: StreamOpener, chunk: number): Promise<void> {
    const { info: { name, size, mtime }, path, file, journal, work, onPart } = this.#parts;
    const { chunks } = work;
    const from = work.levelOf(chunk);
    const offset = chunks.startOf(chunk) + from;
    const length = chunks.lengthOf(chunk) - from;
    const wanted = wantedBytes(opener);
    const body = { name, size, mtime, offset, length, transfer: this.#transfer, ...wanted };
    const part = new PartMeter();
    const { signal } = this.#stop;
    const outgoing = { message: messages.fileGet, body };
    const fetching = exchange(opener, outgoing, { signal }, async ({ answer, reader }) => {
      const told = messages.fileGet.parseResponse((await answer).body);
      if (told.length !== length) throw new WholeOnly();
      const plain = incomingBytes(opener, reader, told, part);
      await writeChunk(plain.chunks(length, { signal }), {
        ...{ file, journal, chunk, from },
        action: `Cannot write "${path}"`,
        onWritten: (bytes) => {
          work.add(chunk, bytes);
          this.moved += bytes;
          part.bytes += bytes;
          opener.advance?.();
          this.onProgress();
        },
      });
      await plain.expectEnd("size-mismatch");
    });
    await sayingGivenUp(name, fetching).finally(() => onPart(part));
  }

  /** Runs one of the requests: while others come further, it is not what servers die of, if they do. */
  #run: LaneRun = (request) => this.#parts.services.run(request, () => this.moved);

  /** Asks what the server has, while the chunks come. */
  async #fetchDigests(): Promise<void> {
    const { info: { name, size, mtime } } = this.#parts;
    const { fileDigests } = messages;
    const { signal } = this.#stop;
    const outgoing = { message: fileDigests, body: { name, size, mtime } };
    await this.#run((use) =>
      request(use, outgoing, { signal }, async ({ reader }) => {
        for (let chunk = 0;; chunk++) {
          const answer = await reader.readNext({ signal });
          if (answer === undefined) return;
          use.advance?.();
          const { body } = checkAnswer(answer, fileDigests.type);
          this.#digests.set(chunk, fileDigests.parseResponse(body).digest.slice());
        }
      })
    );
    this.#digests.end();
  }
}
