import type { FileResumeResponse } from "../../protocol/mod.ts";
import type {
  FileStorage,
  FileTarget,
  IncomingFile,
  IncomingRoom,
  TargetRequest,
  UploadIdentity,
} from "../../transfer/mod.ts";
import { checkAllowed } from "./check_allowed.ts";
import type { HookedClient, StorageHooks } from "./hooks.ts";

/** Where a file is to be: where the hooks want it, once they have been asked. */
export class HookedTarget implements FileTarget {
  readonly #files: FileStorage;
  readonly #targetAt: (name: string) => FileTarget;
  readonly #hooks: StorageHooks;
  readonly #client: HookedClient;
  readonly #wanted: string;
  /** Where it is to be; `undefined` until they have been asked. */
  #target: FileTarget | undefined;

  constructor(
    files: FileStorage,
    targetAt: (name: string) => FileTarget,
    hooks: StorageHooks,
    client: HookedClient,
    name: string,
  ) {
    this.#files = files;
    this.#targetAt = targetAt;
    this.#hooks = hooks;
    this.#client = client;
    this.#wanted = name;
  }

  get name(): string {
    return this.#target?.name ?? this.#wanted;
  }

  async find(request: TargetRequest): Promise<string | undefined> {
    return await (await this.#targetFor(request)).find(request);
  }

  async begin(request: TargetRequest): Promise<IncomingFile> {
    const incoming = await (await this.#targetFor(request)).begin(request);
    const { onUploadComplete } = this.#hooks;
    if (onUploadComplete === undefined) return incoming;
    const { name } = this;
    const { overwrite = "never" } = request;
    return new HookedIncoming(incoming, async (sha256, size) => {
      await onUploadComplete({ name, size, sha256, path: incoming.path, overwrite }, this.#client);
    });
  }

  async resume(upload: UploadIdentity): Promise<FileResumeResponse> {
    const subject = { ...upload, name: this.#wanted };
    const renamed = await this.#files.renames?.find(subject);
    using target = this.#targetAt(renamed ?? this.#wanted);
    const found = await target.resume(subject);
    const isElsewhere = renamed !== undefined && found.sha256 !== undefined;
    return isElsewhere ? { ...found, name: renamed } : found;
  }

  [Symbol.dispose](): void {
    this.#target?.[Symbol.dispose]();
  }

  async #targetFor(request: TargetRequest): Promise<FileTarget> {
    if (this.#target !== undefined) return this.#target;
    const name = await this.#nameFor(request);
    this.#target = this.#targetAt(name);
    if (name !== this.#wanted) this.#client.auditChange("upload.renamed", name);
    return this.#target;
  }

  /**
   * Asks what the file is to be called. Of an upload with an id, that holds for all attempts at it.
   *
   * @throws {ProtocolError} It is refused; or the name is none for this client, or none at all.
   */
  async #nameFor(request: TargetRequest): Promise<string> {
    const { onUploadStart } = this.#hooks;
    const name = this.#wanted;
    if (onUploadStart === undefined) return name;
    const { size, overwrite = "never", id, part } = request;
    const upload = id === undefined || size === undefined
      ? undefined
      : { name, id, size, ...(part === undefined ? {} : { part }) };
    const { renames } = this.#files;
    const before = upload && await renames?.find(upload);
    const wanted = before ?? await onUploadStart({ name, size, overwrite }, this.#client);
    if (wanted === name) return name;
    const { session } = this.#client;
    checkAllowed({ ...request, name: wanted }, { session, files: this.#files });
    if (upload === undefined || before !== undefined) return wanted;
    return await renames?.note(upload, wanted) ?? wanted;
  }
}

/** A file on its way that somebody else looks at before it gets its name. */
class HookedIncoming implements IncomingFile {
  readonly #incoming: IncomingFile;
  readonly #check: (sha256: string, size: number) => Promise<void>;
  #size = 0;

  /** @param check Throws where it is not to be stored. */
  constructor(incoming: IncomingFile, check: (sha256: string, size: number) => Promise<void>) {
    this.#incoming = incoming;
    this.#check = check;
    this.#size = incoming.start?.offset ?? 0;
  }

  get file(): IncomingFile["file"] {
    return this.#incoming.file;
  }

  get path(): string | undefined {
    return this.#incoming.path;
  }

  get start(): IncomingFile["start"] {
    return this.#incoming.start;
  }

  get journal(): IncomingFile["journal"] {
    return this.#incoming.journal;
  }

  get signal(): AbortSignal | undefined {
    return this.#incoming.signal;
  }

  async reserve(signal?: AbortSignal): Promise<IncomingRoom> {
    const room = await this.#incoming.reserve(signal);
    return {
      progress: (received) => {
        this.#size = received;
        return room.progress(received);
      },
      [Symbol.dispose]: () => room[Symbol.dispose](),
    };
  }

  async publish(sha256: string): Promise<void> {
    await this.#check(sha256, this.#size);
    await this.#incoming.publish(sha256);
  }

  dropAfter(error: unknown): Promise<void> {
    return this.#incoming.dropAfter(error);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#incoming[Symbol.asyncDispose]();
  }
}
