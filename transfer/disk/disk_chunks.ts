import type { ChunkLevels } from "../chunks/chunk_levels.ts";
import type { ChunkWitness } from "../chunks/verify_chunks.ts";
import type { ChunkedRequest, IncomingChunks, IncomingRoom } from "../storage/file_storage.ts";
import type { Place } from "../storage/place.ts";
import { ChunkedUpload } from "../upload/chunked_upload.ts";
import { reserveRoom, type RoomForUpload } from "../upload/reserve_room.ts";
import type { UploadNote } from "../upload/upload_notes.ts";
import { type DiskRoot, roomOf } from "./disk_upload.ts";

/** What is to be stored in chunks, and by which token. */
export type StoredChunks = ChunkedRequest & { readonly storer?: string };

/** A file on its way whose chunks all processes with this storage may write. */
export class DiskChunks implements IncomingChunks {
  readonly levels: ChunkLevels;
  readonly #storage: DiskRoot;
  readonly #chunked: ChunkedUpload;
  readonly #request: StoredChunks;
  readonly #place: Place;
  #room: RoomForUpload | undefined;
  /** Whether room is only promised, and not reserved. */
  #promised = false;

  private constructor(
    storage: DiskRoot,
    chunked: ChunkedUpload,
    levels: ChunkLevels,
    request: StoredChunks,
    place: Place,
  ) {
    this.#storage = storage;
    this.#chunked = chunked;
    this.levels = levels;
    this.#request = request;
    this.#place = place;
  }

  static async open(
    storage: DiskRoot,
    request: StoredChunks,
    repeated: boolean,
    place: Place,
  ): Promise<IncomingChunks | undefined> {
    await using stack = new AsyncDisposableStack();
    const chunked = stack.use(await ChunkedUpload.open(storage, request, repeated));
    // Without locks, nobody knows who writes.
    if (storage.tryLock !== undefined && !chunked.upload.locked) return undefined;
    const levels = await chunked.look();
    stack.move();
    return new DiskChunks(storage, chunked, levels, request, place);
  }

  get signal(): AbortSignal | undefined {
    return this.#chunked.upload.signal;
  }

  /** What there is of it stays where there is no room for the rest: until there is, or others need its room. */
  async reserve(signal?: AbortSignal): Promise<IncomingRoom> {
    const { upload } = this.#chunked;
    const staged = {
      path: upload.path,
      announce: (note: Partial<UploadNote>) => {
        this.#promised ||= note.promised === true;
        return upload.announce(note);
      },
    };
    this.#room = await reserveRoom(this.#storage, this.#request, staged, this.#place, signal);
    return roomOf(this.#room);
  }

  async begin(): Promise<boolean> {
    // What has still to be written could not be told from the file's length; Windows takes room for all of that.
    if (this.#promised && Deno.build.os !== "windows") return false;
    await this.#chunked.begin(this.levels);
    return true;
  }

  verify(witness: ChunkWitness): AsyncGenerator<number, string, void> {
    return this.#chunked.verify(witness);
  }

  publish(sha256: string): Promise<void> {
    return this.#chunked.publish(this.#place, sha256, this.#request);
  }

  dropAfter(error: unknown): Promise<void> {
    return this.#chunked.upload.dropAfter(error);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await using _room = this.#room;
    await this.#chunked[Symbol.asyncDispose]();
  }
}
