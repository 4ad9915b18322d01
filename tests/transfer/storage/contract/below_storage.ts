import type {
  FileInfo,
  FileListRequest,
  FileListResponse,
  FilePutRequest,
  FileSumResponse,
} from "../../../../protocol/mod.ts";
import type { FileMoveRequest } from "../../../../protocol/messages/file_move.ts";
import type {
  FileAtOnce,
  FileStorage,
  FileTarget,
  OpenedFile,
  TargetRequest,
  UploadIdentity,
} from "../../../../transfer/mod.ts";
import type { ListReader } from "../../../../transfer/storage/listings.ts";
import type { StorageCheck } from "../../../../transfer/storage/storage_rules.ts";

/** What a storage has below one of its directories, as a storage of its own. */
export class BelowStorage implements FileStorage {
  readonly #files: FileStorage;
  readonly #prefix: string;

  constructor(files: FileStorage, directory: string) {
    this.#files = files;
    this.#prefix = `${directory}/`;
  }

  get check(): StorageCheck {
    return this.#files.check;
  }

  async stat(name: string): Promise<FileInfo> {
    return this.#own(await this.#files.stat(this.#prefix + name));
  }

  async open(name: string): Promise<OpenedFile> {
    const { file, info } = await this.#files.open(this.#prefix + name);
    return { file, info: this.#own(info) };
  }

  readNow(name: string, buffer: Uint8Array): FileAtOnce | undefined {
    const read = this.#files.readNow(this.#prefix + name, buffer);
    return read === undefined ? undefined : { ...read, info: this.#own(read.info) };
  }

  holds(name: string, bytes: Uint8Array): Promise<boolean> {
    return this.#files.holds(this.#prefix + name, bytes);
  }

  async list(
    request: FileListRequest,
    reader: ListReader,
    signal: AbortSignal,
  ): Promise<FileListResponse> {
    const { after, prefix = "" } = request;
    const below = { ...request, prefix: this.#prefix + prefix };
    if (after !== undefined) below.after = this.#prefix + after;
    const page = await this.#files.list(below, reader, signal);
    // The directory itself is no entry of its own.
    const entries = page.entries.filter(({ name }) => name.startsWith(this.#prefix))
      .map((info) => this.#own(info));
    const response: FileListResponse = { entries };
    if (page.next !== undefined) response.next = page.next.slice(this.#prefix.length);
    return response;
  }

  async sum(name: string, signal: AbortSignal): Promise<FileSumResponse> {
    return this.#own(await this.#files.sum(this.#prefix + name, signal));
  }

  remove(name: string): Promise<void> {
    return this.#files.remove(this.#prefix + name);
  }

  removeDirectory(name: string): Promise<void> {
    return this.#files.removeDirectory(this.#prefix + name);
  }

  async makeDirectory(name: string): Promise<boolean> {
    return await this.#files.makeDirectory(this.#prefix + name);
  }

  move({ name, to, ...more }: FileMoveRequest, signal?: AbortSignal): Promise<void> {
    const request = { ...more, name: this.#prefix + name, to: this.#prefix + to };
    return this.#files.move(request, signal);
  }

  storeNow(request: FilePutRequest, content: Uint8Array): string | undefined {
    return this.#files.storeNow({ ...request, name: this.#prefix + request.name }, content);
  }

  target(name: string): FileTarget {
    const target = this.#files.target(this.#prefix + name);
    const below = <Request extends { name: string }>(request: Request) => ({
      ...request,
      name: this.#prefix + request.name,
    });
    const own = {
      name,
      find: (request: TargetRequest) => target.find(below(request)),
      begin: (request: TargetRequest) => target.begin(below(request)),
      // Whoever asks may have given the file's name as well, which is another one there.
      resume: ({ id, part, size }: UploadIdentity) =>
        target.resume(part === undefined ? { id, size } : { id, part, size }),
      [Symbol.dispose]: () => target[Symbol.dispose](),
    };
    return own;
  }

  #own<Info extends FileInfo>(info: Info): Info {
    return { ...info, name: info.name.slice(this.#prefix.length) };
  }
}
