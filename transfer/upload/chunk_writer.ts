import { ProtocolError } from "../../protocol/errors.ts";
import { ChunkJournal } from "../chunks/chunk_journal.ts";
import { Chunks } from "../chunks/chunks.ts";
import { PositionedFile } from "../chunks/positioned_file.ts";
import { writeChunk } from "../chunks/write_chunk.ts";
import { isMissing } from "../storage/absence.ts";
import type { ChunksWriter } from "../storage/file_storage.ts";
import { listStaged } from "../storage/staged_names.ts";
import { takenOver } from "./held_upload.ts";
import { isNamed, lockIfPossible } from "./take_over.ts";
import { stagedAs, type UploadSubject } from "./upload_key.ts";
import { lockForChunks } from "./upload_lock.ts";
import type { UploadStorage } from "./upload_storage.ts";
import { watchName } from "./watch_name.ts";

/**
 * Writes chunks of an upload that a `ChunkedUpload` receives, perhaps in another process, as long as that is
 * the latest attempt: a later one takes the file's name away, and waits until nobody writes a chunk.
 */
export class ChunkWriter implements ChunksWriter {
  readonly chunks: Chunks;
  readonly #path: string;
  readonly #file: Deno.FsFile;
  readonly #positioned: PositionedFile;
  readonly #journal: ChunkJournal;
  readonly #locks: boolean;
  readonly #lost = new AbortController();
  readonly #watch: AsyncDisposable;

  private constructor(path: string, file: Deno.FsFile, chunks: Chunks, locks: boolean) {
    this.#path = path;
    this.#file = file;
    this.chunks = chunks;
    this.#locks = locks;
    this.#positioned = new PositionedFile(file);
    this.#journal = new ChunkJournal(this.#positioned, chunks);
    this.#watch = watchName(path, {
      onSeen: () => Promise.resolve(),
      onGone: () => this.#lost.abort(takenOver()),
    });
  }

  /**
   * Finds the file.
   *
   * @throws {ProtocolError} `cannot-resume`: nobody receives this upload in chunks.
   */
  static async open(
    { staging, tryLock }: UploadStorage,
    subject: UploadSubject,
  ): Promise<ChunkWriter> {
    const chunks = new Chunks(subject.size);
    for (const path of await listStaged(staging, stagedAs(subject))) {
      const file = await openIfThere(path);
      if (file === undefined) continue;
      const { size: length } = await file.stat();
      if (length === ChunkJournal.lengthWith(chunks)) {
        return new ChunkWriter(path, file, chunks, tryLock !== undefined);
      }
      file.close();
    }
    throw new ProtocolError("cannot-resume", "Nobody receives this upload in chunks; ask again");
  }

  /** Aborts when another attempt has taken over. */
  get signal(): AbortSignal {
    return this.#lost.signal;
  }

  /**
   * Writes a part of a chunk.
   *
   * @param from Where in the chunk it begins: all before is there.
   * @param bytes Each piece is valid until the next one is asked for.
   * @throws {ProtocolError} `cannot-resume`: another attempt has taken over. {NoSpaceError}
   */
  async write(chunk: number, from: number, bytes: AsyncIterable<Uint8Array>): Promise<void> {
    using lock = this.#locks ? lockIfPossible(this.#path, lockForChunks) : undefined;
    // It may have been published meanwhile, or be another attempt's: then there is nothing to lock, either.
    if (!await isNamed(this.#file, this.#path)) throw takenOver();
    if (this.#locks && lock === undefined) {
      throw new ProtocolError(
        "too-many-requests",
        "Too many write to this upload; try again later",
      );
    }
    await writeChunk(bytes, {
      ...{ file: this.#positioned, journal: this.#journal, chunk, from },
      action: "Cannot write the data received",
    });
    this.#lost.signal.throwIfAborted();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#watch[Symbol.asyncDispose]();
    this.#file.close();
  }
}

async function openIfThere(path: string): Promise<Deno.FsFile | undefined> {
  try {
    return await Deno.open(path, { read: true, write: true });
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}
