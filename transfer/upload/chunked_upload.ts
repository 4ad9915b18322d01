import { ProtocolError } from "../../protocol/errors.ts";
import { ChunkJournal } from "../chunks/chunk_journal.ts";
import type { ChunkLevels } from "../chunks/chunk_levels.ts";
import { Chunks } from "../chunks/chunks.ts";
import { PositionedFile } from "../chunks/positioned_file.ts";
import { PrefixHasher } from "../chunks/prefix_hasher.ts";
import { type ChunkWitness, verifyChunks } from "../chunks/verify_chunks.ts";
import type { Place } from "../storage/place.ts";
import type { PublishOptions } from "./staged_file.ts";
import { whenFree } from "./take_over.ts";
import { Upload } from "./upload.ts";
import type { UploadSubject } from "./upload_key.ts";
import { lockAgainstChunks } from "./upload_lock.ts";
import type { UploadStorage } from "./upload_storage.ts";

/**
 * One attempt to receive an upload whose chunks any process with the same storage writes, with a
 * `ChunkWriter`: all but these is done here. It may be published by the latest attempt alone, as any upload,
 * and when nobody writes to it.
 */
export class ChunkedUpload implements AsyncDisposable {
  readonly upload: Upload;
  readonly #storage: UploadStorage;
  readonly #journal: ChunkJournal;
  readonly #file: PositionedFile;

  private constructor(storage: UploadStorage, upload: Upload, chunks: Chunks) {
    this.#storage = storage;
    this.upload = upload;
    this.#file = new PositionedFile(upload.file);
    this.#journal = new ChunkJournal(this.#file, chunks);
  }

  /**
   * Begins an attempt.
   *
   * @param repeated Whether there may have been one before, to go on from.
   * @throws {ProtocolError} `cannot-resume`: another attempt has taken over.
   */
  static async open(
    storage: UploadStorage,
    subject: UploadSubject & { storer?: string },
    repeated: boolean,
  ): Promise<ChunkedUpload> {
    const upload = await Upload.openInChunks(storage, subject, repeated);
    return new ChunkedUpload(storage, upload, new Chunks(subject.size));
  }

  get chunks(): Chunks {
    return this.#journal.chunks;
  }

  /** What is there. */
  look(): Promise<ChunkLevels> {
    return this.#journal.read();
  }

  /** Lets chunks be written, now that there is room for them. */
  async begin(levels: ChunkLevels): Promise<void> {
    await this.#journal.begin(levels);
  }

  /** Compares what is there with what the client has; see {@linkcode verifyChunks}. */
  async *verify(witness: ChunkWitness): AsyncGenerator<number, string, void> {
    const verifying = verifyChunks(new PrefixHasher(this.#file, this.chunks), witness);
    for (;;) {
      const { done, value } = await verifying.next();
      if (done) return value;
      await this.#journal.note(value, 0);
      yield value;
    }
  }

  /**
   * Gives the file its own name; see {@linkcode Upload.publish}.
   *
   * @throws {ProtocolError} `cannot-resume`: somebody still writes to it, or another attempt has taken over.
   */
  async publish(target: Place, sha256: string, options: PublishOptions): Promise<void> {
    const { path } = this.upload;
    const shared = this.#storage.tryLock !== undefined;
    using alone = shared ? await whenFree(path, lockAgainstChunks) : undefined;
    if (shared && alone === undefined) {
      const message =
        "Upload cannot be stored: an attempt that was given up writes to it; ask again";
      throw new ProtocolError("cannot-resume", message);
    }
    await this.#journal.end();
    await this.upload.publish(target, sha256, options);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.upload[Symbol.asyncDispose]();
  }
}
