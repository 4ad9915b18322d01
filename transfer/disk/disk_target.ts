import type { FileResumeResponse } from "../../protocol/messages/file_resume.ts";
import { FileExistsError } from "../errors.ts";
import type {
  ChunkedRequest,
  ChunksWriter,
  FileTarget,
  IncomingChunks,
  IncomingFile,
  TargetRequest,
  UploadIdentity,
} from "../storage/file_storage.ts";
import { type HeldStorage, holdStorage } from "../storage/held_root.ts";
import type { Place } from "../storage/place.ts";
import { storedPlace } from "../storage/stored_place.ts";
import { ChunkWriter } from "../upload/chunk_writer.ts";
import { findUpload } from "../upload/find_upload.ts";
import { findPublished } from "../upload/published.ts";
import { checkTarget } from "../upload/publish_file.ts";
import type { UploadSubject } from "../upload/upload_key.ts";
import { DiskChunks } from "./disk_chunks.ts";
import { type DiskRoot, DiskUpload, StagedUpload } from "./disk_upload.ts";

/** Where a file is to be, in a directory that is held meanwhile. */
export class DiskTarget implements FileTarget {
  readonly #storage: HeldStorage<DiskRoot>;
  readonly #storer: string | undefined;
  readonly #place: Place;
  readonly name: string;

  /** @throws {InvalidNameError | StorageUnavailableError} */
  constructor(root: DiskRoot, name: string, storer: string | undefined) {
    using stack = new DisposableStack();
    this.name = name;
    this.#storer = storer;
    this.#storage = stack.use(holdStorage(root));
    this.#place = storedPlace(this.#storage, name);
    stack.move();
  }

  async find(request: TargetRequest): Promise<string | undefined> {
    const { overwrite = "never", mtime = Date.now() } = request;
    try {
      await checkTarget(this.#place, overwrite, mtime);
      return undefined;
    } catch (error) {
      const subject = subjectOf(request);
      if (subject === undefined || !(error instanceof FileExistsError)) throw error;
      const sha256 = await findPublished(this.#storage, subject, this.#place);
      if (sha256 === undefined) throw error;
      return sha256;
    }
  }

  async begin(wanted: TargetRequest): Promise<IncomingFile> {
    const storer = this.#storer;
    const request = storer === undefined ? wanted : { ...wanted, storer };
    const [storage, place] = [this.#storage, this.#place];
    const subject = subjectOf(request);
    if (subject === undefined) return await StagedUpload.open(storage, request, place);
    return await DiskUpload.open(storage, { ...request, ...subject }, place);
  }

  beginChunks(wanted: ChunkedRequest, repeated: boolean): Promise<IncomingChunks | undefined> {
    const storer = this.#storer;
    const request = storer === undefined ? wanted : { ...wanted, storer };
    return DiskChunks.open(this.#storage, request, repeated, this.#place);
  }

  writeChunks(upload: UploadIdentity): Promise<ChunksWriter> {
    return ChunkWriter.open(this.#storage, { name: this.name, ...upload });
  }

  resume(upload: UploadIdentity): Promise<FileResumeResponse> {
    return findUpload(this.#storage, { name: this.name, ...upload }, this.#place);
  }

  [Symbol.dispose](): void {
    this.#storage[Symbol.dispose]();
  }
}

/** What makes it the same upload as an earlier one; `undefined` if it is not to be known again. */
function subjectOf({ id, name, size, part }: TargetRequest): UploadSubject | undefined {
  if (id === undefined || size === undefined) return undefined;
  return part === undefined ? { id, name, size } : { id, name, size, part };
}
