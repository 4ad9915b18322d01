import type { FilePutRequest } from "../../protocol/messages/file_put.ts";
import type { FileStart } from "../hash_prefix.ts";
import type { IncomingFile, IncomingRoom, TargetRequest } from "../storage/file_storage.ts";
import type { Place } from "../storage/place.ts";
import { boundStream, reserveRoom, type RoomForUpload } from "../upload/reserve_room.ts";
import type { FileJournal } from "../file_journal.ts";
import { StagedFile } from "../upload/staged_file.ts";
import type { OwnedRoot } from "../upload/small_file.ts";
import { Upload } from "../upload/upload.ts";
import type { UploadNote } from "../upload/upload_notes.ts";
import type { UploadStorage } from "../upload/upload_storage.ts";

/** A directory that files are stored in, with all that uploads there need. */
export type DiskRoot = UploadStorage & OwnedRoot;

/** What is to be stored, and by which token. */
export type StoredRequest = TargetRequest & { readonly storer?: string };

/** A file on its way of which nothing can go on. */
export class StagedUpload implements IncomingFile {
  readonly start = undefined;
  readonly signal = undefined;
  readonly #staged: StagedFile;
  readonly #request: StoredRequest;
  readonly #place: Place;
  readonly #storage: DiskRoot;
  #room: RoomForUpload | undefined;

  private constructor(
    storage: DiskRoot,
    staged: StagedFile,
    request: StoredRequest,
    place: Place,
  ) {
    this.#storage = storage;
    this.#staged = staged;
    this.#request = request;
    this.#place = place;
  }

  static async open(
    storage: DiskRoot,
    request: StoredRequest,
    place: Place,
  ): Promise<IncomingFile> {
    const staged = await StagedFile.create(storage.staging, storage.owner);
    return new StagedUpload(storage, staged, request, place);
  }

  get file(): Deno.FsFile {
    return this.#staged.file;
  }

  get path(): string {
    return Deno.realPathSync(this.#staged.path);
  }

  async reserve(signal?: AbortSignal): Promise<IncomingRoom> {
    const { size } = this.#request;
    const room = size === undefined
      ? await boundStream(this.#storage, this.#request, this.#staged, this.#place, signal)
      : await reserveRoom(
        this.#storage,
        { ...this.#request, size },
        this.#staged,
        this.#place,
        signal,
      );
    this.#room = room;
    return roomOf(room);
  }

  publish(sha256: string): Promise<void> {
    const { durability } = this.#storage;
    return this.#staged.publish(this.#place, { ...this.#request, sha256, durability });
  }

  dropAfter(): Promise<void> {
    return this.#staged.discard();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await using _room = this.#room;
    await this.#staged.discard();
  }
}

/** One that can go on when it is interrupted. */
export class DiskUpload implements IncomingFile {
  readonly #storage: DiskRoot;
  readonly #upload: Upload;
  readonly #request: FilePutRequest & StoredRequest & { id: string };
  readonly #place: Place;
  #room: RoomForUpload | undefined;

  private constructor(
    storage: DiskRoot,
    upload: Upload,
    request: FilePutRequest & StoredRequest & { id: string },
    place: Place,
  ) {
    this.#storage = storage;
    this.#upload = upload;
    this.#request = request;
    this.#place = place;
  }

  static async open(
    storage: DiskRoot,
    request: FilePutRequest & StoredRequest & { id: string },
    place: Place,
  ): Promise<IncomingFile> {
    return new DiskUpload(storage, await Upload.open(storage, request), request, place);
  }

  get file(): Deno.FsFile {
    return this.#upload.file;
  }

  /** Not the one by which the directory is held, which leads nowhere in other processes. */
  get path(): string {
    return Deno.realPathSync(this.#upload.path);
  }

  get start(): FileStart | undefined {
    return this.#upload.start;
  }

  get journal(): FileJournal | undefined {
    return this.#upload.journal;
  }

  get signal(): AbortSignal | undefined {
    return this.#upload.signal;
  }

  /** What there is of it stays where there is no room for the rest: until there is, or others need its room. */
  async reserve(signal?: AbortSignal): Promise<IncomingRoom> {
    const upload = this.#upload;
    const staged = {
      path: upload.path,
      announce: (note: Partial<UploadNote>) => upload.announce(note),
    };
    this.#room = await reserveRoom(this.#storage, this.#request, staged, this.#place, signal);
    return roomOf(this.#room);
  }

  publish(sha256: string): Promise<void> {
    return this.#upload.publish(this.#place, sha256, this.#request);
  }

  dropAfter(error: unknown): Promise<void> {
    return this.#upload.dropAfter(error);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await using _room = this.#room;
    await this.#upload[Symbol.asyncDispose]();
  }
}

/** What is left of it is given back with the file that it is for. */
export function roomOf(room: RoomForUpload): IncomingRoom {
  return { progress: (received) => room.progress(received), [Symbol.dispose]() {} };
}
